import { expect } from 'chai';
import fc from 'fast-check';
import type { LaneItem } from '../../../dispatcher/lane.ts';
import { Lanes } from '../../../dispatcher/lanes.ts';

interface Item extends LaneItem<Item> {
  readonly name: string;
}

const item = (name: string): Item => ({ name, next: undefined });

describe('Lanes', () => {
  it('gives nothing where there is nothing', () => {
    const lanes = new Lanes<Item>(1);
    expect(lanes.take()).equals(undefined);
    expect(lanes.wake(0)).equals(undefined);
  });

  it('runs one record of a key at a time, in order, and exists only while it has records', () => {
    const lanes = new Lanes<Item>(8);
    for (const name of ['1', '2', '3']) lanes.add('a', item(name));
    const seen: string[] = [];
    for (let lane = lanes.take(); lane !== undefined; lane = lanes.take()) {
      expect(lanes.take(), 'a second one beside it').equals(undefined);
      seen.push(lane.head.name);
      lanes.advance(lane);
    }
    expect(seen).eql(['1', '2', '3']);
    expect(lanes.size).equals(0);
  });

  it('keeps what has records while any number of other keys come and go', () => {
    const lanes = new Lanes<Item>(2);
    for (const name of ['1', '2', '3']) lanes.add('a', item(name));
    const a = lanes.take();
    if (a === undefined) throw new Error('nothing to take');
    for (let key = 0; key < 20_000; key += 1) {
      lanes.add(`${key}`, item(`${key}`));
      const lane = lanes.take();
      expect(lane?.head.name).equals(`${key}`);
      if (lane !== undefined) lanes.advance(lane);
    }
    expect(lanes.size).equals(1);
    expect([...lanes.values()].map(({ key }) => key)).eql(['a']);
    lanes.advance(a);
    lanes.add('a', item('4'));
    expect(lanes.take()?.head.name).equals('2');
  });

  it('lets other keys go on while one waits, and takes no slot for it', () => {
    const lanes = new Lanes<Item>(1);
    lanes.add('bad', item('bad'));
    const bad = lanes.take();
    if (bad === undefined) throw new Error('nothing to take');
    lanes.retry(bad, 100);
    lanes.add('good', item('good'));
    expect(lanes.take()?.head.name).equals('good');
    expect(lanes.running).equals(1);
    expect(lanes.retrying).equals(1);
    expect(lanes.wake(99)).equals(100);
    expect(lanes.wake(100)).equals(undefined);
  });

  it('gives second attempts half of the slots at most', () => {
    const lanes = new Lanes<Item>(4);
    for (const key of ['a', 'b', 'c', 'd']) lanes.add(key, item(key));
    const failed = [lanes.take(), lanes.take(), lanes.take(), lanes.take()];
    for (const [index, lane] of failed.entries()) if (lane !== undefined) lanes.retry(lane, index);
    lanes.wake(4);
    expect([lanes.take(), lanes.take(), lanes.take()].map((lane) => lane?.key)).eql(['a', 'b', undefined]);
    lanes.add('e', item('e'));
    lanes.add('f', item('f'));
    lanes.add('g', item('g'));
    expect([lanes.take(), lanes.take(), lanes.take()].map((lane) => lane?.key)).eql(['e', 'f', undefined]);
  });

  it('runs no more first attempts than its limit, beside which failing keys keep their own slots', () => {
    const lanes = new Lanes<Item>(8);
    for (const key of ['a', 'b', 'c', 'd']) lanes.add(key, item(key));
    lanes.limit = 2;
    const first = [lanes.take(), lanes.take(), lanes.take()];
    expect(first.map((lane) => lane?.key)).eql(['a', 'b', undefined]);
    if (first[0] !== undefined) lanes.retry(first[0], 1);
    lanes.wake(1);
    expect([lanes.take(), lanes.take(), lanes.take()].map((lane) => lane?.key)).eql(['c', 'a', undefined]);
    lanes.limit = 8;
    expect(lanes.take()?.key).equals('d');
  });

  it('counts every attempt of a key that timed out last time as a second one, also after its lane was gone', () => {
    const lanes = new Lanes<Item>(2);
    lanes.add('hangs', item('1'));
    const hanging = lanes.take();
    if (hanging === undefined) throw new Error('nothing to take');
    lanes.advance(hanging, true);
    lanes.add('hangs', item('2'));
    lanes.add('hangs too', item('3'));
    const first = lanes.take();
    const second = lanes.take();
    expect([first?.key, second?.key]).eql(['hangs', 'hangs too']);
    if (first === undefined || second === undefined) throw new Error('nothing to take');
    lanes.advance(second, true);
    lanes.add('hangs too', item('4'));
    expect(lanes.take(), 'one slow slot of two is taken').equals(undefined);
    lanes.add('healthy', item('5'));
    expect(lanes.take()?.key).equals('healthy');
    lanes.advance(first, false);
    expect(lanes.take()?.key).equals('hangs too');
  });

  it('wants so many that each slot finds its next item, while all are taken', () => {
    const lanes = new Lanes<Item>(2);
    for (const key of ['a', 'b', 'c']) lanes.add(key, item(key));
    const [a, b] = [lanes.take(), lanes.take()];
    if (a === undefined || b === undefined) throw new Error('nothing to take');
    expect(lanes.appetite, 'c can run next').equals(47);
    for (let count = 0; count < 20; count++) lanes.add('a', item(`a${count}`));
    expect(lanes.appetite, 'two that run find their next one').equals(45);
    for (let count = 0; count < 30; count++) lanes.add(`k${count}`, item(`k${count}`));
    expect(lanes.appetite, 'few large reads').equals(0);
    lanes.retry(a, 50);
    expect(lanes.appetite, 'a slot is free').equals(1024 - 31);
    lanes.take();
    expect(lanes.appetite, 'of a failed key nothing counts').equals(18);
  });

  it('wants a bounded number while a slot is free and each key has items', () => {
    const lanes = new Lanes<Item>(8);
    expect(lanes.appetite).equals(1024);
    for (let count = 0; count < 600; count++) lanes.add('a', item(`a${count}`));
    for (let count = 0; count < 400; count++) lanes.add('b', item(`b${count}`));
    for (let lane = lanes.take(); lane !== undefined; lane = lanes.take());
    expect(lanes.appetite, 'two run').equals(0);
  });

  it('looks past failed keys, however many items stand behind them', () => {
    const lanes = new Lanes<Item>(8);
    for (let count = 0; count < 5000; count++) lanes.add('bad', item(`bad${count}`));
    lanes.add('good', item('good'));
    const bad = lanes.take();
    if (bad === undefined) throw new Error('nothing to take');
    lanes.retry(bad, 50);
    expect(lanes.appetite).equals(1023);
  });

  it('looks past slow keys, while a key is known that waits for its next item', () => {
    const lanes = new Lanes<Item>(8);
    lanes.add('fast', item('fast'));
    const fast = lanes.take();
    if (fast === undefined) throw new Error('nothing to take');
    for (let count = 0; count < 5000; count++) lanes.add('slow', item(`slow${count}`));
    lanes.take();
    expect(lanes.appetite, 'both run').equals(0);
    lanes.advance(fast);
    expect(lanes.appetite, 'step by step').equals(128);
    for (let count = 5000; count < 50_000; count++) lanes.add('slow', item(`slow${count}`));
    expect(lanes.appetite, 'however many it takes').equals(128);
    lanes.add('fast', item('fast again'));
    expect(lanes.appetite).equals(0);
  });

  it('asks for no more than may wait although many keys are known that have no items', () => {
    const lanes = new Lanes<Item>(8);
    for (let count = 0; count < 2000; count++) {
      lanes.add(`${count}`, item(`${count}`));
      const lane = lanes.take();
      if (lane !== undefined) lanes.advance(lane);
    }
    expect(lanes.appetite).equals(1024);
  });

  it('wants as many whether few or more run, since what runs does not wait', () => {
    const [one, many] = [1, 20].map((running) => {
      const lanes = new Lanes<Item>(running);
      for (let count = 0; count < running; count++) lanes.add(`${count}`, item(`${count}`));
      while (lanes.take() !== undefined);
      return lanes.appetite;
    });
    expect(one).equals(many);
  });

  it('takes queued and waiting items out, but not a head that runs', () => {
    const lanes = new Lanes<Item>(2);
    for (const name of ['a1', 'a2', 'a3']) lanes.add('a', item(name));
    for (const name of ['b1', 'b2']) lanes.add('b', item(name));
    for (const name of ['c1', 'c2']) lanes.add('c', item(name));
    const a = lanes.take();
    const b = lanes.take();
    if (a === undefined || b === undefined) throw new Error('nothing to take');
    lanes.retry(b, 50);
    lanes.drop(({ name }) => ['a1', 'a2', 'b1', 'c1', 'c2'].includes(name));
    expect(lanes.size).equals(2);
    expect(lanes.retrying).equals(0);
    expect(lanes.take()?.head.name).equals('b2');
    lanes.advance(a);
    expect(lanes.take()?.head.name).equals('a3');
    expect(lanes.wake(50)).equals(undefined);
  });

  it('never overlaps, never overtakes and never exceeds its slots, whatever happens', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c', 'd', 'e') }),
      fc.record({ do: fc.constant('end' as const), index: fc.nat(9), how: fc.constantFrom('ok', 'retry', 'timeout') }),
      fc.record({ do: fc.constant('wake' as const) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 200 }), (slots, steps) => {
        const lanes = new Lanes<Item>(slots);
        const expected = new Map<string, string[]>();
        const running = new Map<string, { lane: NonNullable<ReturnType<typeof lanes.take>>; attempt: number }>();
        const attempts = new Map<string, number>();
        let now = 0;
        let count = 0;
        for (const action of steps) {
          now += 1;
          if (action.do === 'add') {
            const name = `${action.key}${count++}`;
            lanes.add(action.key, item(name));
            expected.set(action.key, [...(expected.get(action.key) ?? []), name]);
          } else if (action.do === 'wake') {
            lanes.wake(now);
          } else {
            const ended = [...running.values()][action.index % Math.max(1, running.size)];
            if (ended === undefined) continue;
            running.delete(ended.lane.key);
            if (action.how === 'ok') {
              expected.get(ended.lane.key)?.shift();
              lanes.advance(ended.lane);
            } else {
              lanes.retry(ended.lane, now + 3, action.how === 'timeout');
            }
          }
          for (let lane = lanes.take(); lane !== undefined; lane = lanes.take()) {
            const { name } = lane.head;
            expect(running.has(lane.key), 'two of a key at once').equals(false);
            expect(name).equals(expected.get(lane.key)?.[0]);
            attempts.set(name, (attempts.get(name) ?? 0) + 1);
            running.set(lane.key, { lane, attempt: attempts.get(name) ?? 0 });
          }
          expect(running.size).most(slots);
          const again = [...running.values()].filter(({ attempt }) => attempt > 1).length;
          expect(again).most(Math.max(1, Math.floor(slots / 2)));
        }
      }),
    );
  });
});
