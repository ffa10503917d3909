import { expect } from 'chai';
import { describeEnd, describeError } from '../../../../../dispatcher/sources/pulsar/connection-failure.ts';

const context = { broker: 'host:8080', topic: 'persistent://a/b/c', subscription: 's', now: Date.UTC(2026, 0, 2) };
describe('Pulsar connection failures', () => {
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
