import { expect } from 'chai';
import { type Entry, Window } from '../../../dispatcher/window.ts';
import { type FakeDelivery, fakeDelivery } from './fake-delivery.ts';

const comparePositions = (a: string, b: string) => Number(a) - Number(b);
const bounds = { records: 100, bytes: 64 * 1024 * 1024 };

function admitted(window: Window, delivery: FakeDelivery, now = 0): Entry {
  const verdict = window.admit(delivery, now);
  if (verdict.kind !== 'new' && verdict.kind !== 'rewind') throw new Error(`expected a new entry, got ${verdict.kind}`);
  return verdict.entry;
}

describe('Window', () => {
  it('counts records and bytes, and gives them back', () => {
    const window = new Window({ ...bounds, comparePositions });
    const entry = admitted(window, fakeDelivery('1', { payload: Buffer.alloc(1000) }));
    expect(window.records).equals(1);
    expect(window.bytes).within(1000, 2000);
    window.acked(entry, 0);
    expect([window.records, window.bytes]).eql([0, 0]);
  });

  it('has room by records and by bytes, expecting records as large as the latest large one', () => {
    const window = new Window({ records: 10, bytes: 1_000_000, comparePositions });
    for (let position = 0; position < 4; position++) {
      admitted(window, fakeDelivery(String(position), { payload: Buffer.alloc(200_000) }));
    }
    expect(window.room()).equals(0);
    const small = new Window({ records: 10, bytes: 1_000_000, comparePositions });
    for (let position = 0; position < 4; position++) admitted(small, fakeDelivery(String(position)));
    expect(small.room()).within(1, 6);
  });

  it('always has room for one record when it is empty', () => {
    expect(new Window({ records: 1, bytes: 1 }).room()).equals(1);
  });

  it('takes the newest delivery of what is in hand', () => {
    const window = new Window({ ...bounds, comparePositions });
    const entry = admitted(window, fakeDelivery('1'));
    const again = fakeDelivery('1');
    expect(window.admit(again, 0).kind).equals('in-hand');
    expect(entry.delivery).equals(again);
    expect(window.records).equals(1);
  });

  it('knows what was acked in the last 10 s, and takes it for a rewind afterwards', () => {
    const window = new Window({ ...bounds, comparePositions });
    for (const position of ['1', '2']) window.acked(admitted(window, fakeDelivery(position)), 0);
    expect(window.admit(fakeDelivery('1'), 9_999).kind).equals('acked');
    expect(window.admit(fakeDelivery('1'), 20_000).kind).equals('rewind');
  });

  it('drops what is at or above a rewind and keeps what is below', () => {
    const window = new Window({ ...bounds, comparePositions });
    const low = admitted(window, fakeDelivery('1'));
    window.acked(admitted(window, fakeDelivery('2')), 0);
    const high = admitted(window, fakeDelivery('3'));
    window.acked(admitted(window, fakeDelivery('4')), 19_000);
    const verdict = window.admit(fakeDelivery('2'), 20_000);
    expect(verdict.kind).equals('rewind');
    expect(verdict.kind === 'rewind' && [...verdict.dropped]).eql([high]);
    expect([low.dropped, high.dropped]).eql([false, true]);
    expect(window.admit(fakeDelivery('3'), 20_000).kind, 'dropped, so new again').equals('new');
    expect(window.admit(fakeDelivery('4'), 20_000).kind, 'its ack is forgotten').equals('new');
    expect(window.admit(fakeDelivery('1'), 20_000).kind).equals('in-hand');
  });

  it('sees no rewinds where the source has no order', () => {
    const window = new Window(bounds);
    admitted(window, fakeDelivery('5'));
    expect(window.admit(fakeDelivery('3'), 0).kind).equals('new');
  });

  it('remembers what of an unfinished producer batch was acked, however long the rest takes', () => {
    const window = new Window({ ...bounds, comparePositions });
    const batch = { id: 'b', size: 3 };
    const [first, second, third] = ['1', '2', '3'].map((p) => admitted(window, fakeDelivery(p, { batch })));
    if (!first || !second || !third) throw new Error('three entries');
    window.acked(first, 0);
    window.acked(third, 0);
    expect(window.isBegun(second)).equals(true);
    expect(window.admit(fakeDelivery('1', { batch }), 3_600_000).kind).equals('acked');
    expect(window.admit(fakeDelivery('2', { batch }), 3_600_000).kind).equals('in-hand');
    window.acked(second, 3_600_000);
    expect(window.admit(fakeDelivery('3', { batch }), 3_605_000).kind).equals('acked');
    expect(window.admit(fakeDelivery('3', { batch }), 3_650_000).kind).equals('rewind');
  });

  it('counts a batch as whole when what follows it shows that the rest will not come', () => {
    const window = new Window({ ...bounds, comparePositions });
    const batch = { id: 'b', size: 3 };
    window.acked(admitted(window, fakeDelivery('2', { batch })), 0);
    admitted(window, fakeDelivery('9'), 0);
    expect(window.admit(fakeDelivery('2', { batch }), 5_000).kind).equals('acked');
    expect(window.admit(fakeDelivery('2', { batch }), 60_000).kind).equals('rewind');
  });

  it('forgets a partition that is lost, and no other', () => {
    const window = new Window({ ...bounds, comparePositions });
    const lost = admitted(window, fakeDelivery('7', { partition: 'p1' }));
    admitted(window, fakeDelivery('7', { partition: 'p2' }));
    expect([...window.forget('p1')]).eql([lost]);
    expect(window.admit(fakeDelivery('3', { partition: 'p1' }), 0).kind).equals('new');
    expect(window.admit(fakeDelivery('7', { partition: 'p2' }), 0).kind).equals('in-hand');
  });

  describe('while a connection is away', () => {
    const all = () => 0;
    const none = () => undefined;

    it('lets what was acked grow no older', () => {
      const window = new Window({ ...bounds, comparePositions });
      for (const position of ['1', '2']) window.acked(admitted(window, fakeDelivery(position)), 0);
      window.noteOutage(all, 5_000);
      window.noteOutage(none, 3_605_000);
      expect(window.admit(fakeDelivery('1'), 3_609_000).kind).equals('acked');
      expect(window.admit(fakeDelivery('1'), 3_620_000).kind).equals('rewind');
    });

    it('remembers what is acked meanwhile, which the broker never hears of', () => {
      const window = new Window({ ...bounds, comparePositions });
      const entries = ['1', '2'].map((position) => admitted(window, fakeDelivery(position)));
      window.noteOutage(all, 0);
      for (const entry of entries) window.acked(entry, 60_000);
      window.noteOutage(none, 120_000);
      expect(window.admit(fakeDelivery('1'), 129_000).kind).equals('acked');
    });

    it('adds several outages up', () => {
      const window = new Window({ ...bounds, comparePositions });
      for (const position of ['1', '2']) window.acked(admitted(window, fakeDelivery(position)), 0);
      for (const minute of [1, 2, 3]) {
        window.noteOutage(all, minute * 60_000 - 57_000);
        window.noteOutage(all, minute * 60_000 - 30_000);
        window.noteOutage(none, minute * 60_000);
      }
      expect(window.admit(fakeDelivery('1'), 180_500).kind).equals('acked');
    });

    it('counts from the moment at which the connection was last heard of', () => {
      const window = new Window({ ...bounds, comparePositions });
      for (const position of ['1', '2']) window.acked(admitted(window, fakeDelivery(position)), 0);
      const third = admitted(window, fakeDelivery('3'), 1_000);
      // Half open for a minute: a call that ends meanwhile must not push the others out.
      window.acked(third, 40_000);
      window.noteOutage(() => 60_000, 61_000);
      window.noteOutage(none, 70_000);
      expect(window.admit(fakeDelivery('1'), 72_000).kind).equals('acked');
    });

    it('never counts more silence than time since the connection stood again', () => {
      const window = new Window({ ...bounds, comparePositions });
      for (const position of ['1', '2']) window.acked(admitted(window, fakeDelivery(position)), 0);
      for (let now = 300; now <= 18_000; now += 300) {
        window.noteOutage(() => 5_000, now - 100);
        window.noteOutage(none, now);
      }
      expect(window.admit(fakeDelivery('1'), 40_000).kind).equals('rewind');
    });

    it('lets acks of partitions whose connection stands grow old as ever', () => {
      const window = new Window({ ...bounds, comparePositions });
      for (const partition of ['p', 'q']) {
        for (const position of ['1', '2']) {
          window.acked(admitted(window, fakeDelivery(position, { partition })), 0);
        }
      }
      window.noteOutage((partition) => (partition === 'q' ? 0 : undefined), 1_000);
      expect(window.admit(fakeDelivery('1', { partition: 'p' }), 60_000).kind).equals('rewind');
      expect(window.admit(fakeDelivery('1', { partition: 'q' }), 60_000).kind).equals('acked');
    });
  });
});
