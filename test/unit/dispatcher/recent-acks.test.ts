import { expect } from 'chai';
import { RecentAcks } from '../../../dispatcher/recent-acks.ts';

describe('RecentAcks', () => {
  it('remembers for ten seconds at least, and not for long beyond', () => {
    const acks = new RecentAcks();
    for (let now = 0; now <= 30_000; now += 100) acks.add(String(now), now);
    expect(acks.has('20000', 30_000)).equals(true);
    expect(acks.has('16000', 30_000)).equals(false);
  });

  it('knows what is added after it was asked', () => {
    const acks = new RecentAcks();
    acks.add('a', 0);
    expect(acks.has('b', 0)).equals(false);
    acks.add('b', 1);
    expect([acks.has('a', 1), acks.has('b', 1)]).eql([true, true]);
  });

  it('forgets what it is told to', () => {
    const acks = new RecentAcks();
    for (const position of ['1', '2', '3']) acks.add(position, 0);
    acks.forget((position) => position >= '2');
    expect(['1', '2', '3'].map((position) => acks.has(position, 0))).eql([true, false, false]);
  });

  it('is bounded in number, whatever the rate', () => {
    const acks = new RecentAcks();
    for (let count = 0; count < 500_000; count++) acks.add(String(count), 0);
    expect(acks.has('499999', 0)).equals(true);
    expect(acks.has('300000', 0)).equals(false);
  });
});
