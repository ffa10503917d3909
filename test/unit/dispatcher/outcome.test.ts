import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { expect } from 'chai';
import { classify, meaning, statusReason } from '../../../dispatcher/outcome.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const now = () => NOW;

describe('classify', () => {
  for (const [status, kind, reason] of [
    [200, 'delivered', undefined],
    [202, 'delivered', undefined],
    [299, 'delivered', undefined],
    [101, 'retry', 'SwitchingProtocols'],
    [301, 'retry', 'MovedPermanently'],
    [304, 'retry', 'NotModified'],
    [307, 'retry', 'TemporaryRedirect'],
    [400, 'rejected', 'BadRequest'],
    [401, 'rejected', 'Unauthorized'],
    [404, 'retry', 'NotFound'],
    [408, 'retry', 'RequestTimeout'],
    [409, 'retry', 'Conflict'],
    [413, 'rejected', 'PayloadTooLarge'],
    [418, 'rejected', 'ImATeapot'],
    [425, 'retry', 'TooEarly'],
    [429, 'retry', 'TooManyRequests'],
    [499, 'rejected', 'Status499'],
    [500, 'retry', 'InternalServerError'],
    [503, 'retry', 'ServiceUnavailable'],
    [599, 'retry', 'Status599'],
  ] as const) {
    it(`takes ${status} for ${kind}`, () => {
      const outcome = classify({ status });
      expect(outcome).to.include({ kind, status });
      expect('reason' in outcome ? outcome.reason : undefined).to.equal(reason);
    });
  }

  it('has one reason for each status, in CamelCase', () => {
    const reasons = Array.from({ length: 500 }, (_, i) => statusReason(100 + i));
    expect(new Set(reasons).size).to.equal(500);
    expect(reasons.filter((reason) => !/^[A-Z][A-Za-z0-9]+$/.test(reason))).to.deep.equal([]);
  });

  it('says in one sentence what was answered', () => {
    expect(classify({ status: 503 })).to.include({ message: 'The function answered 503 Service Unavailable' });
    expect(classify({ status: 302 }, { peer: 'The dead letter' })).to.include({
      message: "The dead letter answered 302 Found, which isn't followed: give the URL that it redirects to",
    });
  });

  for (const [value, expected] of [
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
    ['Thu Jan  1 12:00:30 2026', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
    ['99999999999999999999', undefined],
    ['2026-01-01T12:00:30Z', undefined],
    [undefined, undefined],
  ] as const) {
    it(`reads Retry-After: ${value}`, () => {
      const outcome = classify({ status: 503, retryAfter: value }, { now });
      expect('retryAfter' in outcome ? outcome.retryAfter : undefined).to.equal(expected);
    });
  }

  for (const [fields, reason, message] of [
    [
      { code: 'ECONNREFUSED', address: '::1', port: 80 },
      'ConnectionRefused',
      'The function refused the connection ([::1]:80)',
    ],
    [{ code: 'ENOTFOUND', hostname: 'f.ns' }, 'NameNotFound', 'The function has an unknown host name (f.ns)'],
    [
      { code: 'EAI_AGAIN', hostname: 'f.ns' },
      'NameLookupFailed',
      "The host name of the URL couldn't be looked up (f.ns)",
    ],
    [{ code: 'ECONNRESET' }, 'ConnectionReset', 'The function reset the connection before its answer was complete'],
    [{ code: 'EPIPE' }, 'ConnectionReset', 'The function reset the connection before its answer was complete'],
    [
      { code: 'UND_ERR_SOCKET' },
      'ConnectionClosed',
      'The function closed the connection before its answer was complete',
    ],
    [
      { code: 'CERT_HAS_EXPIRED' },
      'TlsFailed',
      'The function has a certificate that has expired (CERT_HAS_EXPIRED): renew it',
    ],
    [
      { code: 'CERT_NOT_YET_VALID' },
      'TlsFailed',
      "The function has a certificate that isn't valid yet (CERT_NOT_YET_VALID): compare the clocks of both machines",
    ],
    [
      { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      'TlsFailed',
      'The function has a certificate for another host name (ERR_TLS_CERT_ALTNAME_INVALID): use a name of the ' +
        'certificate in the URL',
    ],
    [
      { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' },
      'TlsFailed',
      'The function could not be connected to over TLS (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)',
    ],
    [{ name: 'TimeoutError' }, 'Timeout', 'The function did not answer in time'],
    [{ code: 'UND_ERR_CONNECT_TIMEOUT' }, 'ConnectTimeout', 'The function did not accept a connection in time'],
    [{ code: 'ERR_ASSERTION' }, 'InvalidAnswer', "The function gave an answer that can't be understood"],
    [{ code: 'ERR_ANSWER_NOT_HTTP' }, 'InvalidAnswer', "The function gave an answer that isn't HTTP/1.1"],
    [
      { code: 'ERR_ANSWER_STATUS' },
      'InvalidAnswer',
      'The function answered with a status below 100, which is none of HTTP',
    ],
    [
      { code: 'ERR_ANSWER_UPGRADE' },
      'InvalidAnswer',
      'The function answered 101 Switching Protocols, although no other protocol was asked for',
    ],
    [{ code: 'ERR_ANSWER_HEADERS_TOO_LARGE' }, 'InvalidAnswer', 'The function answered with too many bytes of headers'],
    [{ code: 'EWEIRD' }, 'NoAnswer', 'The function gave no answer: the call failed with EWEIRD'],
    [{}, 'NoAnswer', 'The function gave no answer: the call failed with Error'],
  ] as const) {
    it(`retries after ${JSON.stringify(fields)}, without the error's own text`, () => {
      const error = Object.assign(new Error('http://me:secret@host/'), fields);
      expect(classify(error)).to.deep.equal({ kind: 'retry', reason, message });
    });
  }

  it('looks into the errors of a host with several addresses', () => {
    const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED', address: '127.0.0.1', port: 8080 });
    expect(classify(new AggregateError([refused, refused]))).to.include({ reason: 'ConnectionRefused' });
  });

  it('is what the contract for function authors says', () => {
    const page = readFileSync(new URL('../../../docs/function-contract.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| (\d{3}) [^|]*\| `(\w+)` \| (\w+) \|$/gm)];
    const known = Object.keys(STATUS_CODES)
      .map(Number)
      .filter((status) => status >= 300);
    expect(rows.map(([, status]) => Number(status))).to.deep.equal(known);
    for (const [, status, reason, kind] of rows) {
      expect([reason, kind]).to.deep.equal([statusReason(Number(status)), meaning(Number(status))]);
    }
  });
});
