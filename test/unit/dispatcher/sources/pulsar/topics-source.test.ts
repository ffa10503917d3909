import { expect } from 'chai';
import { createTopicsSource, type DriverHooks } from '../../../../../dispatcher/sources/pulsar/topics-source.ts';
import type { Delivery, Disconnection, SourceEvents } from '../../../../../dispatcher/sources/source.ts';
import { fakeDelivery } from '../../fake-delivery.ts';

const events: SourceEvents = { revoked: async () => {}, lost: () => {}, state: () => {} };
const never = new AbortController().signal;

describe('TopicsSource', () => {
  it('takes nothing more off the wire while more than 8 MiB are unread', async () => {
    const holds: boolean[] = [];
    let hooks: DriverHooks<Delivery> | undefined;
    const source = createTopicsSource((given) => {
      hooks = given;
      const topic = {
        ...{ name: 't', isConnected: true, failure: undefined, silentFor: 0 },
        start: () => given.changed(),
        close: async () => {},
      };
      return {
        topics: [topic],
        prepare: async () => {},
        request: () => {},
        hold: (held) => holds.push(held),
        dispose: async () => {},
      };
    });
    await source.connect(events, never);
    const payload = Buffer.alloc(3 * 1024 * 1024);
    for (const position of ['1', '2', '3']) hooks?.deliver(fakeDelivery(position, { payload }));
    expect(holds).eql([true]);
    await source.read(1, never);
    expect(holds).eql([true, false]);
    hooks?.deliver(fakeDelivery('4', { payload }));
    expect(holds).eql([true, false, true]);
    hooks?.discard(() => true);
    hooks?.deliver(fakeDelivery('5'));
    expect(await source.read(9, never)).lengthOf(1);
    expect(holds.at(-1)).equals(false);
    await source.close();
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
    let hooks: DriverHooks<Delivery> | undefined;
    const source = createTopicsSource((given) => {
      hooks = given;
      return {
        topics: [a, b],
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
      hooks?.changed();
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
});
