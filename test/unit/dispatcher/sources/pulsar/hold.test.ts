import { expect } from 'chai';
import { parseTrigger } from '../../../../../api/trigger.ts';
import { warningsOf } from '../../../../../api/warnings.ts';
import { oldestOf } from '../../../../../dispatcher/sources/pulsar/oldest-record.ts';
import {
  isAtUnackedLimit,
  ownRecords,
  type SubscriptionStats,
} from '../../../../../dispatcher/sources/pulsar/subscription-stats.ts';
import { throttledBy } from '../../../../../dispatcher/sources/pulsar/throttling.ts';
import { parseTopicName } from '../../../../../dispatcher/sources/pulsar/topic-name.ts';

const ME = 'me';
const mine = { consumerName: ME, availablePermits: 10 };
const other = { consumerName: 'other', availablePermits: 10, unackedMessages: 4 };

describe('records of a Pulsar subscription that are for this dispatcher', () => {
  const cases: readonly (readonly [string, SubscriptionStats, number])[] = [
    ['all, where it is alone', { type: 'Failover', msgBacklog: 9, consumers: [mine], activeConsumerName: ME }, 9],
    ['all, where the broker has forgotten it', { type: 'Failover', msgBacklog: 9, consumers: [] }, 9],
    ['not those that are not due', { type: 'Shared', msgBacklog: 9, msgDelayed: 7, consumers: [mine] }, 2],
    [
      'none, while another is active',
      { type: 'Failover', msgBacklog: 9, consumers: [mine, other], activeConsumerName: 'other' },
      0,
    ],
    [
      'all, while a standby is there',
      { type: 'Failover', msgBacklog: 9, consumers: [mine, other], activeConsumerName: ME },
      9,
    ],
    ['not those that another has', { type: 'Shared', msgBacklog: 9, consumers: [mine, other] }, 5],
    [
      'none that is known, where another takes no more of its keys',
      { type: 'Key_Shared', msgBacklog: 9, consumers: [mine, { ...other, availablePermits: 0 }] },
      0,
    ],
    ['none, where nothing is known', {}, 0],
  ];
  for (const [name, stats, own] of cases) {
    it(name, () => expect(ownRecords(stats, ME)).to.equal(own));
  }
});

describe("Pulsar's limit of unacknowledged records", () => {
  it("is told where it is reached for this consumer or for all, and not another's", () => {
    const blocked = { blockedConsumerOnUnackedMsgs: true };
    expect(isAtUnackedLimit({ consumers: [other, { ...mine, ...blocked }] }, ME)).to.equal('consumer');
    expect(isAtUnackedLimit({ consumers: [mine, { ...other, ...blocked }] }, ME)).to.equal(undefined);
    expect(isAtUnackedLimit({ consumers: [mine], blockedSubscriptionOnUnackedMsgs: true }, ME)).to.equal(
      'subscription',
    );
    expect(isAtUnackedLimit({ consumers: [mine] }, ME)).to.equal(undefined);
  });
});

describe("Pulsar's dispatch rate limits", () => {
  for (const scope of ['Subscription', 'Topic', 'Broker'] as const) {
    for (const [unit, counted] of [['records', 'Msg'] as const, ['bytes', 'Bytes'] as const]) {
      it(`are told by what they count: ${scope}, ${unit}`, () => {
        const counter = `dispatchThrottled${counted}EventsBy${scope}Limit` as const;
        const found = throttledBy({ [counter]: 3 }, { [counter]: 4 });
        expect(found).to.include({ of: scope.toLowerCase(), unit });
        expect(found?.command(parseTopicName('shop/eu/t'))).to.match(
          scope === 'Broker' ? /broker\.conf/ : / shop\/eu,/,
        );
        expect(throttledBy({ [counter]: 4 }, { [counter]: 4 })).to.equal(undefined);
        expect(throttledBy({ [counter]: 9 }, { [counter]: 0 })).to.equal(undefined);
      });
    }
  }

  it('are not told by brokers that count nothing', () => {
    expect(throttledBy({}, {})).to.equal(undefined);
  });
});

describe('the oldest record of a Pulsar backlog', () => {
  const answer = (status: number, headers: Record<string, string> = {}, body = '') =>
    oldestOf({ status, headers, body });

  it('is told with what keeps it from being read', () => {
    const id = { 'x-pulsar-message-id': '63:1' };
    expect(answer(200, { ...id, 'x-pulsar-is-encrypted': 'false' })).to.deep.equal({ position: '63:1' });
    expect(answer(200, { ...id, 'x-pulsar-is-encrypted': 'true' })?.unreadable).to.include('encrypted');
    expect(answer(200, { ...id, 'x-pulsar-txn-uncommitted': 'true' })?.note).to.include('transaction is open');
    expect(answer(200, { ...id, 'x-pulsar-num-chunks-from-msg': '3' })?.note).to.include('one of 3 chunks');
  });

  it('is not known where there is none, it may not be seen, or the broker fails otherwise', () => {
    expect(answer(404)).to.equal(undefined);
    expect(answer(403)).to.equal(undefined);
    expect(answer(500, {}, 'NullPointerException')).to.equal(undefined);
  });

  it('is damaged where the broker cannot decompress it', () => {
    const body = '{"reason":"MalformedInputException at org.apache.pulsar.common.compression.CompressionCodecLZ4"}';
    expect(answer(500, {}, body)?.unreadable).to.include('damaged');
  });

  it('takes no position that is none', () => {
    expect(answer(200, { 'x-pulsar-message-id': '<b>' })).to.deep.equal({});
  });
});

describe('names of Pulsar topics', () => {
  const trigger = (pulsar: object) => ({
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 't' },
    spec: { pulsar: { broker: 'ws://b:8080', ...pulsar }, kubeless: { function: 'http://f' } },
  });
  const NAMES = [
    't',
    '.*',
    'a b',
    'a|b',
    'ü',
    'a\nb',
    ' a\t',
    'a/b/c..',
    'a/b/c',
    'a/b/c.*',
    'persistent://a/b/c',
    'non-persistent://a/b/c[0]',
  ];
  const NO_NAMES = [
    ...['a/b', '.*/b/c', 'a/.*/c', 'persistent://a/b*/c', 'persistent://c', 'persistent://a/b/c/d', 'http://a/b/c'],
    ...['/a/b', 'a//c', 'a/b/', 'a/ü/c', 'persistent:///b/c', '://', 'Persistent://a/b/c'],
    ...['   ', '\n', 'a/b/\t', 'a\0b', '.', '..', 'a/b/..', 'a/./c', 'persistent://../b/c', '\ud800'],
  ];

  it('are taken by the manifest where the dispatcher takes them, and refused where it refuses them', () => {
    for (const name of NAMES) {
      expect(() => parseTopicName(name), name).to.not.throw();
      expect(parseTrigger(trigger({ topic: name })), name).to.have.property('trigger');
      expect(parseTrigger(trigger({ topics: ['x', name] })), name).to.have.property('trigger');
    }
    for (const name of NO_NAMES) {
      expect(() => parseTopicName(name), name).to.throw("isn't a topic name");
      const one = parseTrigger(trigger({ topic: name }));
      const several = parseTrigger(trigger({ topics: ['x', name] }));
      for (const parsed of [one, several]) {
        const [problem] = 'problems' in parsed ? parsed.problems : [];
        expect(problem?.message, name).to.include(JSON.stringify(name));
        expect(problem?.cure).to.include("Patterns aren't supported: list the topics");
      }
    }
  });

  it('get a warning where they look like patterns', () => {
    const warned = (...topics: string[]) => {
      const parsed = parseTrigger(trigger(topics.length === 1 ? { topic: topics[0] } : { topics }));
      if (!('trigger' in parsed)) throw new Error(JSON.stringify(parsed.problems));
      return warningsOf(parsed.trigger).map(({ path }) => path);
    };
    for (const name of [
      '.*',
      'orders-.*',
      'orders-*',
      'orders-.+',
      '(a|b)',
      'a|b',
      'orders-[0-9]',
      'o?',
      '^orders',
      'orders\\d',
    ]) {
      expect(warned(name), name).to.deep.equal(['spec.pulsar.topic']);
    }
    for (const name of ['orders', 'orders.v1', 'a b', 'a:b', 'a+b', 'a-b_c=d', 'ü', 'orders-partition-3', 'a#b']) {
      expect(warned(name), name).to.deep.equal([]);
    }
    expect(warned('a', 'b.*')).to.deep.equal(['spec.pulsar.topics[1]']);
  });
});
