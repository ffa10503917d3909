import { expect } from 'chai';
import fc from 'fast-check';
import { type Parsed, type Problem, parseTrigger, type Trigger } from '../../../api/trigger.ts';
import { warningsOf } from '../../../api/warnings.ts';
import { Secret } from '../../../common/secret.ts';

interface Parts {
  readonly pulsar?: object;
  readonly kubeless?: object;
  readonly metadata?: object;
  readonly [field: string]: unknown;
}

function manifest({ pulsar = {}, kubeless = {}, metadata = {}, ...rest }: Parts = {}) {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'orders', ...metadata },
    spec: {
      pulsar: { topic: 'persistent://public/default/orders', broker: 'pulsar://pulsar:6650', ...pulsar },
      kubeless: { function: 'http://billing', ...kubeless },
      ...rest,
    },
  };
}

function parsed(parts?: Parts): Trigger {
  const result = parseTrigger(manifest(parts));
  if ('trigger' in result) return result.trigger;
  throw new Error(JSON.stringify(result.problems));
}

function problems(object: unknown): readonly Problem[] {
  const result: Parsed = parseTrigger(object);
  return 'problems' in result ? result.problems : [];
}

describe('parseTrigger', () => {
  it('tells of a URL whose scheme is right what else to write', () => {
    const cures: readonly [broker: string, cure: string][] = [
      [
        'ws://a:99999',
        'Write a host after ws://, and behind it, after a colon, a port up to 65535 where one is needed.',
      ],
      ['ws://a\nb', 'Write it without that character.'],
      [`ws://${'a'.repeat(9000)}`, 'Write at most 8192 characters.'],
    ];
    for (const [broker, cure] of cures) {
      expect(problems(manifest({ pulsar: { broker } })).map((problem) => problem.cure)).to.deep.equal([cure]);
    }
  });

  it('gives the normal form with every default', () => {
    expect(parsed()).to.deep.equal({
      apiVersion: 'kubeless.io/v1',
      kind: 'PulsarTrigger',
      name: 'orders',
      namespace: 'default',
      source: {
        type: 'pulsar',
        topics: ['persistent://public/default/orders'],
        broker: 'pulsar://pulsar:6650',
        subscription: { name: 'orders-default', type: 'Failover', initialPosition: 'latest' },
        tls: { allowInsecure: false, verifyHostname: true },
      },
      function: { url: 'http://billing' },
      delivery: {
        order: 'key',
        maxInFlight: 32,
        buffer: { records: 40_000, bytes: 64 * 1024 * 1024 },
        timeout: 180_000,
        retry: { policy: 'exponential', initialDelay: 100, maxDelay: 90_000, step: 5000, jitter: 0.2 },
      },
      filters: [],
      scaling: { replicas: 1 },
      paused: false,
      deployment: {},
    });
  });

  it('names the subscription after trigger and namespace', () => {
    expect(parsed({ metadata: { namespace: 'shop' } }).source.subscription.name).to.equal('orders-shop');
  });

  it('shares the subscription where nothing is in order', () => {
    expect(parsed({ delivery: { order: 'none' } }).source.subscription.type).to.equal('Shared');
    expect(parsed({ delivery: { order: 'partition' } }).source.subscription.type).to.equal('Failover');
  });

  it('keeps the first and the longest delay in order where one is given', () => {
    expect(parsed({ delivery: { retry: { maxDelay: '50ms' } } }).delivery.retry).to.include({
      initialDelay: 50,
      maxDelay: 50,
    });
    expect(parsed({ delivery: { retry: { initialDelay: '2m' } } }).delivery.retry).to.include({
      initialDelay: 120_000,
      maxDelay: 120_000,
    });
  });

  it('leaves what was given', () => {
    const trigger = parsed({
      pulsar: {
        topic: undefined,
        topics: ['a', 'b'],
        webServiceUrl: 'http://w',
        authTokenSecret: { name: 's', key: 'k' },
      },
      kubeless: { function: 'http://u:p@[::1]/x?y=z', contentType: 'text/plain' },
      delivery: { deadLetter: { url: 'http://d' }, retry: { maxAttempts: 3, maxAge: '1h' } },
      filters: [{ exact: { type: 'a' } }],
      deployment: { spec: { replicas: 2 } },
      paused: true,
    });
    expect(trigger.source).to.include({ webServiceUrl: 'http://w' });
    expect(trigger.source.topics).to.deep.equal(['a', 'b']);
    expect(trigger.source.authTokenSecret).to.deep.equal({ name: 's', key: 'k' });
    expect(trigger.function).to.deep.equal({ url: 'http://u:p@[::1]/x?y=z', contentType: 'text/plain' });
    expect(trigger.delivery.deadLetter).to.deep.equal({ url: 'http://d' });
    expect(trigger.delivery.retry).to.include({ maxAttempts: 3, maxAge: 3_600_000 });
    expect(trigger.filters).to.deep.equal([{ exact: { type: 'a' } }]);
    expect(trigger.deployment).to.deep.equal({ spec: { replicas: 2 } });
    expect(trigger.paused).to.equal(true);
  });

  it('keeps a token in the clear out of sight', () => {
    const { source } = parsed({ pulsar: { 'auth-token': 'hunter2' } });
    expect(source.authToken).to.be.instanceOf(Secret);
    expect(source.authToken?.reveal()).to.equal('hunter2');
    expect(JSON.stringify(source)).not.to.include('hunter2');
    expect(parsed({ pulsar: { 'auth-token': '' } }).source).not.to.have.property('authToken');
  });

  it('gives URLs of Pulsar and tokens their one spelling', () => {
    const { source } = parsed({
      pulsar: { broker: 'PULSAR+ssl://Host:6651\n', webServiceUrl: ' HTTPS://Host', 'auth-token': ' hunter2\n' },
    });
    expect(source).to.include({ broker: 'pulsar+ssl://Host:6651', webServiceUrl: 'https://Host' });
    expect(source.authToken?.reveal()).to.equal('hunter2');
    expect(parsed({ pulsar: { 'auth-token': '\n' } }).source).not.to.have.property('authToken');
  });

  it('warns of one topic under two spellings, which is consumed once', () => {
    const topics = ['a', 'orders', 'persistent://public/default/orders'];
    expect(warningsOf(parsed({ pulsar: { topic: undefined, topics } }))).to.deep.equal([
      {
        path: 'spec.pulsar.topics[2]',
        message: 'is "persistent://public/default/orders", which is topics[1] in another spelling',
        cure: 'Remove one of them; it is consumed once.',
      },
    ]);
  });

  it('names the offending value, the bounds and the cure', () => {
    expect(problems(manifest({ delivery: { maxInFlight: 2000 } }))).to.deep.equal([
      {
        path: 'spec.delivery.maxInFlight',
        message: 'is 2000, which is more than 1024',
        cure: 'Write a whole number from 1 to 1024.',
      },
    ]);
  });

  it('suggests the field that was meant', () => {
    const [problem] = problems(manifest({ pulsar: { auth_token: 'hunter2' } }));
    expect(problem).to.include({ path: 'spec.pulsar.auth_token', cure: 'Did you mean auth-token?' });
  });

  it('lists the known kinds', () => {
    const [problem] = problems({ ...manifest(), kind: 'PulserTriger' });
    expect(problem?.cure).to.equal('Did you mean PulsarTrigger? Known kinds: PulsarTrigger.');
  });

  it('does not judge a rule across fields while one of them is wrong by itself', () => {
    const wrong = manifest({ pulsar: { topic: 5, subscription: { type: 'Shared' } }, delivery: { order: 'fifo' } });
    expect(problems(wrong).map(({ path }) => path)).to.have.members(['spec.pulsar.topic', 'spec.delivery.order']);
  });

  it('refuses what does not fit into an environment variable', () => {
    const topics = Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(4000, 'x'));
    const [problem] = problems(manifest({ pulsar: { topic: undefined, topics } }));
    expect(problem?.path).to.equal('spec');
    expect(problem?.message).to.include('more than 65536');
  });

  it('never throws, and says something useful about any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(problems(value)).to.have.length.of.at.least(1);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws on anything inside a spec', () => {
    const field = fc.constantFrom(
      'pulsar',
      'kubeless',
      'delivery',
      'filters',
      'scaling',
      'paused',
      'deployment',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.dictionary(field, fc.anything({ withNullPrototype: true, maxDepth: 4 })), (fields) => {
        for (const { path, message, cure } of problems(manifest(fields))) {
          expect([path, message, cure].every((text) => typeof text === 'string')).to.equal(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never throws on any filters', () => {
    const { filter } = fc.letrec<{ filter: unknown }>((tie) => ({
      filter: fc.oneof(
        { maxDepth: 8 },
        fc.jsonValue(),
        fc.record({ cel: fc.oneof(fc.string(), fc.constantFrom('event.type', 'data.a[0] == 1', '[', 'x.all(y, y)')) }),
        fc.record({ not: tie('filter') }),
        fc.record({ all: fc.array(tie('filter')), any: fc.array(tie('filter')) }),
      ),
    }));
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 120 }), (filters) => {
        expect(() => problems(manifest({ filters }))).not.to.throw();
      }),
      { numRuns: 200 },
    );
  });
});
