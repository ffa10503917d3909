import { expect } from 'chai';
import { Prefetch } from '../../../../../dispatcher/sources/pulsar/prefetch.ts';
import {
  createTopicsSource,
  type DriverHooks,
  type SizedDelivery,
} from '../../../../../dispatcher/sources/pulsar/topics-source.ts';
import type { Disconnection, Source, SourceEvents } from '../../../../../dispatcher/sources/source.ts';
import { fakeDelivery } from '../../fake-delivery.ts';

const events: SourceEvents = { revoked: async () => {}, lost: () => {}, state: () => {} };
const never = new AbortController().signal;
const MIB = 2 ** 20;
const unanswered = { after: 60_000, failure: { reason: 'BrokerUnreachable', why: 'silent' } } as const;

describe('TopicsSource', () => {
  let source: Source;
  let holds: boolean[];
  let requests: { wanted: number; ahead: number }[];
  let hooks: DriverHooks<SizedDelivery>;

  beforeEach(async () => {
    [holds, requests] = [[], []];
    source = createTopicsSource(new Prefetch(8 * MIB, 1000, () => 0), (given) => {
      hooks = given;
      const topic = {
        ...{ name: 't', isConnected: true, failure: undefined, silentFor: 0 },
        start: () => given.changed(),
        close: async () => {},
      };
      return {
        topics: [topic],
        unanswered,
        prepare: async () => {},
        request: (wanted, ahead) => requests.push({ wanted, ahead }),
        hold: (held) => holds.push(held),
        dispose: async () => {},
      };
    });
    await source.connect(events, never);
  });
  afterEach(() => source.close());

  const deliver = (position: string, size = 100) => hooks.deliver({ ...fakeDelivery(position), size });

  it('takes nothing more off the wire while more is unread than may be', async () => {
    for (const position of ['1', '2', '3']) deliver(position, 3 * MIB);
    expect(holds).eql([true]);
    await source.read(1, never);
    expect(holds).eql([true, false]);
    deliver('4', 3 * MIB);
    expect(holds).eql([true, false, true]);
    hooks.discard(() => true);
    deliver('5');
    expect(await source.read(9, never)).lengthOf(1);
    expect(holds.at(-1)).equals(false);
  });

  it('goes on taking when what was unread is discarded, although nobody reads', () => {
    deliver('1', 9 * MIB);
    hooks.discard(() => true);
    expect(holds).eql([true, false]);
  });

  it('asks for nothing before it is read', () => {
    deliver('1');
    hooks.changed();
    expect(requests).eql([]);
  });

  it('asks for what a reader lacks, and ahead for as many as it has read, what came unread included', async () => {
    for (let count = 0; count < 600; count += 1) deliver(String(count));
    await source.read(400, never);
    expect(requests).eql([]);
    await source.read(150, never);
    await source.read(100, never);
    expect(requests).eql([
      { wanted: 0, ahead: 200 },
      { wanted: 50, ahead: 500 },
    ]);
  });

  it('tells which partitions are without a connection, and for how long it had been silent', async () => {
    const told: (number | undefined)[][] = [];
    const states: boolean[] = [];
    const state: SourceEvents['state'] = (connected, _why, _reason, outage = () => undefined) => {
      states.push(connected);
      told.push(['a', 'a-partition-1', 'ab', 'b-partition-0'].map(outage));
    };
    const topicNamed = (name: string) => ({
      ...{ name, isConnected: true, failure: undefined as Disconnection | undefined, silentFor: 0 },
      start: () => {},
      close: async () => {},
    });
    const [a, b] = [topicNamed('a'), topicNamed('b')];
    const source = createTopicsSource(new Prefetch(MIB, 1000, () => 0), (given) => {
      hooks = given;
      return {
        topics: [a, b],
        unanswered,
        prepare: async () => given.changed(),
        request: () => {},
        hold: () => {},
        dispose: async () => {},
      };
    });
    void source.connect({ ...events, state }, never);
    await new Promise(setImmediate);
    const failure: Disconnection = { reason: 'ConnectionLost', why: 'gone' };
    const change = (topic: typeof a, away: number | undefined) => {
      Object.assign(topic, { isConnected: away === undefined, silentFor: away ?? 0 });
      topic.failure = away === undefined ? undefined : failure;
      hooks.changed();
    };
    change(a, 700);
    change(b, 0);
    change(a, undefined);
    change(b, undefined);
    expect(states).eql([true, false, false, false, true]);
    expect(told).eql([
      [undefined, undefined, undefined, undefined],
      [700, 700, undefined, undefined],
      [700, 700, undefined, 0],
      [undefined, undefined, undefined, 0],
      [undefined, undefined, undefined, undefined],
    ]);
    await source.close();
  });

  it('gives a sentence for each reason, and for many topics no more than a few', async () => {
    const told: (string | undefined)[] = [];
    const topics = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
      ...{ name, isConnected: false, failure: undefined as Disconnection | undefined, silentFor: 0 },
      start: () => {},
      close: async () => {},
    }));
    const source = createTopicsSource(new Prefetch(MIB, 1000, () => 0), (given) => {
      hooks = given;
      return {
        topics,
        unanswered,
        prepare: async () => {},
        request: () => {},
        hold: () => {},
        dispose: async () => {},
      };
    });
    const stop = new AbortController();
    const state: SourceEvents['state'] = (_connected, why) => told.push(why);
    const connecting = source.connect({ ...events, state }, stop.signal);
    await new Promise(setImmediate);
    const whys = ['refused', 'refused', 'no such topic', 'busy', 'gone'];
    for (const [index, why] of whys.entries()) {
      Object.assign(topics[index] ?? {}, { failure: { reason: 'ConnectionLost', why } });
      hooks.changed();
    }
    expect(told).eql([
      'refused',
      'refused',
      'refused; no such topic',
      'refused; no such topic; busy',
      "refused; no such topic; busy; other topics aren't connected, either",
    ]);
    stop.abort(new Error('enough'));
    await connecting.catch(() => {});
    await source.close();
  });
});
