import { expect } from 'chai';
import { Prefetch } from '../../../../../dispatcher/sources/pulsar/prefetch.ts';
import {
  createTopicsSource,
  type DriverHooks,
  type SizedDelivery,
} from '../../../../../dispatcher/sources/pulsar/topics-source.ts';
import type { Source, SourceEvents } from '../../../../../dispatcher/sources/source.ts';
import { fakeDelivery } from '../../fake-delivery.ts';

const events: SourceEvents = { revoked: async () => {}, lost: () => {}, state: () => {} };
const never = new AbortController().signal;
const MIB = 2 ** 20;

describe('TopicsSource', () => {
  let source: Source;
  let holds: boolean[];
  let requests: { wanted: number; ahead: number }[];
  let hooks: DriverHooks<SizedDelivery>;

  beforeEach(async () => {
    [holds, requests] = [[], []];
    source = createTopicsSource(new Prefetch(8 * MIB, 1000, () => 0), (given) => {
      hooks = given;
      const topic = { isConnected: true, failure: undefined, start: () => given.changed(), close: async () => {} };
      return {
        topics: [topic],
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
});
