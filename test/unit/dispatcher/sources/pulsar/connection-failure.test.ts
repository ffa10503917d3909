import { expect } from 'chai';
import {
  describeEnd,
  describeError,
  describeRefusal,
} from '../../../../../dispatcher/sources/pulsar/connection-failure.ts';

const context = { broker: 'host:8080', topic: 'persistent://a/b/c', subscription: 's', now: Date.UTC(2026, 0, 2) };
const page = (title: string) => `<html><title>${title}</title><body></body></html>`;
const jwt = (exp: number) => `x.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.secret`;

describe('Pulsar connection failures', () => {
  const refusals: readonly [string, string, number, string, object, string][] = [
    [
      '400',
      'SubscriptionInvalid',
      400,
      page('Error 400 Invalid query params: x'),
      {},
      'doesn\'t accept the subscription "s"',
    ],
    ['no token', 'Unauthorized', 401, '', {}, 'asks for a token and the trigger has none: set authTokenSecret'],
    ['wrong token', 'Unauthorized', 401, '', { token: 'x.y.z' }, "doesn't accept the token"],
    [
      'expired token',
      'Unauthorized',
      401,
      '',
      { token: jwt(Date.UTC(2026, 0, 1) / 1000) },
      'expired at 2026-01-01T00:00:00.000Z',
    ],
    [
      'token not yet expired',
      'Unauthorized',
      401,
      '',
      { token: jwt(Date.UTC(2026, 0, 3) / 1000) },
      "doesn't accept the token",
    ],
    ['no grant', 'Forbidden', 403, '', {}, 'may not consume persistent://a/b/c with subscription "s": grant it'],
    [
      'no namespace',
      'TopicNotFound',
      404,
      page('Error 404 {&quot;errorMsg&quot;:&quot;Namespace not found&quot;}'),
      {},
      'namespace of',
    ],
    [
      'no topic',
      'TopicNotFound',
      404,
      page('Error 404 {&quot;errorMsg&quot;:&quot;Topic not found&quot;}'),
      {},
      "c doesn't exist (Topic",
    ],
    ['no WebSocket API', 'ProtocolMismatch', 404, page('Error 404 Not Found'), {}, 'webSocketServiceEnabled=true'],
    [
      'taken',
      'SubscriptionBusy',
      409,
      page('Error 409 {"errorMsg":"Exclusive consumer is already connected"}'),
      {},
      'is already connected)',
    ],
    ['busy', 'BrokerUnavailable', 503, '', {}, 'too busy or not ready'],
    [
      'anything else',
      'BrokerUnavailable',
      500,
      page('Error 500 a\n  &lt;b&gt;'),
      {},
      'answered 500 for persistent://a/b/c: a <b>',
    ],
  ];
  for (const [name, reason, status, body, more, sentence] of refusals) {
    it(`refused: ${name}`, () => {
      const said = describeRefusal(status, body, { ...context, ...more });
      expect(said.reason).to.equal(reason);
      expect(said.why)
        .to.include(sentence)
        .and.not.to.match(/\n|secret/);
    });
  }

  const errors: readonly [string, string, string][] = [
    ['ECONNREFUSED', 'BrokerUnreachable', 'nothing listens at host:8080'],
    ['ENOTFOUND', 'BrokerUnreachable', "isn't found in DNS"],
    ['EHOSTUNREACH', 'BrokerUnreachable', "can't be reached (EHOSTUNREACH)"],
    ['CERT_HAS_EXPIRED', 'CertificateInvalid', 'has expired: renew it'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'CertificateInvalid', 'tls.verifyHostname'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'CertificateInvalid', 'tls.caSecret'],
    ['EPROTO', 'ProtocolMismatch', "doesn't speak TLS as expected"],
    ['HPE_INVALID_CONSTANT', 'ProtocolMismatch', "doesn't speak the WebSocket API"],
    ['EOTHER', 'BrokerUnreachable', 'connecting to host:8080 failed: what node says'],
  ];
  for (const [code, reason, sentence] of errors) {
    it(`failed: ${code}`, () => {
      const error = Object.assign(new Error('what node says'), { code });
      const said = describeError(error, context);
      expect(said.reason).to.equal(reason);
      expect(said.why).to.include(sentence);
    });
  }

  it('tells how a connection ended', () => {
    expect(describeEnd(1006, '', context).why).to.include('broke without a goodbye');
    expect(describeEnd(1001, 'Idle\nTimeout', context).why).to.include('(Idle Timeout)');
    expect(describeEnd(1011, '', context).why).to.include('code 1011');
  });
});
