import { expect } from 'chai';
import fc from 'fast-check';
import { parseTrigger } from '../../../../../api/trigger.ts';
import { createLogger } from '../../../../../common/logger.ts';
import { createPulsarSource } from '../../../../../dispatcher/sources/pulsar/index.ts';
import { createSecretFiles } from '../../../../../dispatcher/sources/secrets.ts';

const logger = createLogger('silent');
const secrets = createSecretFiles('/secrets');

const scheme = fc.constantFrom('pulsar', 'PULSAR', 'pulsar+ssl', 'ws', 'WS', 'wSs', 'http', 'HTTPS', 'Persistent');
const piece = fc.constantFrom(
  'a',
  '.',
  '..',
  ' ',
  '\n',
  '\0',
  '\ud800',
  '/',
  '://',
  'persistent',
  '-',
  '*',
  'ü',
  '%',
  '@',
);
const text = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
const url = fc
  .tuple(scheme, fc.constantFrom('', 'u:p@'), fc.constantFrom('h:1', 'h:1,i:2', '[::1]:1', 'h', 'a\nb'))
  .chain(([known, user, host]) =>
    fc.constantFrom('', '/', '/ws/v2', '\n', ' ', '/\0', '?a=b').map((end) => `${known}://${user}${host}${end}`),
  );
const topic = fc.oneof(
  text,
  fc.tuple(text, text, text).map((parts) => `persistent://${parts.join('/')}`),
);

/** Right, or now and then anything. */
const mostly = <T>(good: T, odd: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(good), weight: 4 }, { arbitrary: odd, weight: 1 });
const secret = fc.record({ name: mostly('s', fc.constantFrom('a..b', 'A', 'a.b')), key: mostly('k', text) });
const pulsar = fc.record(
  {
    topics: fc.array(mostly('t', topic), { minLength: 1, maxLength: 2 }),
    broker: mostly('ws://h', url),
    webServiceUrl: mostly('http://h', url),
    subscription: fc.record({ name: mostly('s', text) }),
    authTokenSecret: secret,
    tls: fc.record({ caSecret: secret }),
  },
  { requiredKeys: ['topics', 'broker'] },
);

describe('a trigger that is found right', () => {
  it('is one that its dispatcher can begin with', () => {
    let begun = 0;
    fc.assert(
      fc.property(pulsar, (source) => {
        const parsed = parseTrigger({
          apiVersion: 'kubeless.io/v1',
          kind: 'PulsarTrigger',
          metadata: { name: 't' },
          spec: { pulsar: source, kubeless: { function: 'http://f' } },
        });
        if ('problems' in parsed) return;
        const { trigger } = parsed;
        expect(() => createPulsarSource({ trigger, secrets, logger })).to.not.throw();
        const { authTokenSecret, tls } = trigger.source;
        for (const ref of [authTokenSecret, tls.caSecret]) if (ref) expect(() => secrets.path(ref)).to.not.throw();
        begun++;
      }),
      { numRuns: 3000 },
    );
    expect(begun).to.be.at.least(100);
  });
});
