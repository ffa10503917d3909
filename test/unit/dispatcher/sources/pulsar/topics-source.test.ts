import { expect } from 'chai';
import { createTopicsSource, type DriverHooks } from '../../../../../dispatcher/sources/pulsar/topics-source.ts';
import type { Delivery, SourceEvents } from '../../../../../dispatcher/sources/source.ts';
import { fakeDelivery } from '../../fake-delivery.ts';

const events: SourceEvents = { revoked: async () => {}, lost: () => {}, state: () => {} };
const never = new AbortController().signal;

describe('TopicsSource', () => {
  it('takes nothing more off the wire while more than 8 MiB are unread', async () => {
    const holds: boolean[] = [];
    let hooks: DriverHooks<Delivery> | undefined;
    const source = createTopicsSource((given) => {
      hooks = given;
      const topic = { isConnected: true, failure: undefined, start: () => given.changed(), close: async () => {} };
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
});
