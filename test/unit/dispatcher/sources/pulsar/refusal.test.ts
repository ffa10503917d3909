import { expect } from 'chai';
import { describeRefusal } from '../../../../../dispatcher/sources/pulsar/refusal.ts';

const context = { broker: 'host:8080', topic: 'persistent://a/b/c', subscription: 's', now: Date.UTC(2026, 0, 2) };
const page = (title: string) => `<html><title>${title}</title><body></body></html>`;
const jwt = (exp: number) => `x.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.secret`;

describe('an HTTP answer of Pulsar instead of a WebSocket', () => {
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
    [
      'no grant',
      'Forbidden',
      403,
      page('Error 403 Not authorized'),
      {},
      'may not consume persistent://a/b/c with subscription "s": grant it',
    ],
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
    it(`says why: ${name}`, () => {
      const said = describeRefusal({ status, body }, { ...context, ...more });
      expect(said.reason).to.equal(reason);
      expect(said.why)
        .to.include(sentence)
        .and.not.to.match(/\n|secret/);
    });
  }

  it('shows the words of the broker in one short line, without the token or another one', () => {
    const token = 'x.y.z-secret';
    const body = page(
      `Error 500 ${token} of ${jwt(1)}eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2VjcmV0 at http://u:secret@h\n${'a'.repeat(5000)}`,
    );
    const { reason, why } = describeRefusal({ status: 500, body }, { ...context, token });
    expect(reason).to.equal('BrokerUnavailable');
    expect(why)
      .to.include('answered 500 for persistent://a/b/c: [secret] of')
      .and.not.to.match(/secret[^\]]|\n/);
    expect(why.length).to.be.below(400);
  });

  it('takes words from any page, and from none', () => {
    const why = (status: number, body: string) => describeRefusal({ status, body }, context).why;
    expect(why(418, '<h1>no <b>coffee</b></h1>')).to.equal('host:8080 answered 418 for persistent://a/b/c: no coffee');
    expect(why(500, '')).to.include('no reason given');
    expect(why(503, '{"reason":"Namespace bundle is being unloaded"}')).to.match(/not ready .*: Namespace bundle is/);
  });
});
