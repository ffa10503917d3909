import { expect } from 'chai';
import { Concurrency } from '../../../dispatcher/concurrency.ts';

describe('Concurrency', () => {
  function concurrency(maxInFlight: number) {
    let busy = 0;
    let isReached = true;
    const limits: number[] = [];
    const onChange = (limit: number) => limits.push(limit);
    const adapted = new Concurrency({ maxInFlight, busy: () => busy, onChange, isReached: () => isReached });
    const limitsAfter = (share: number, times = 1, reached = true) => {
      busy = share;
      isReached = reached;
      for (let i = 0; i < times; i += 1) adapted.adjust();
      return limits.splice(0);
    };
    return { adapted, limits, limitsAfter };
  }

  it('begins with what keeps one process busy', () => {
    const { adapted, limits } = concurrency(256);
    adapted.start();
    adapted.stop();
    expect(limits).eql([32]);
  });

  it('falls step by step while the event loop has no time left, but not below what keeps one process busy', () => {
    const { limitsAfter } = concurrency(256);
    limitsAfter(0, 2);
    expect(limitsAfter(1, 2)).eql([192, 144]);
    expect(limitsAfter(1, 20).at(-1)).equals(32);
    expect(limitsAfter(1, 3)).eql([]);
  });

  it('rises at once to all that is allowed when the event loop is idle, and no further', () => {
    const { limitsAfter } = concurrency(200);
    expect(limitsAfter(0, 4)).eql([128, 200]);
  });

  it('does not rise where it holds nothing back', () => {
    const { limitsAfter } = concurrency(200);
    expect(limitsAfter(0, 4, false)).eql([]);
    expect(limitsAfter(0, 1)).eql([128]);
  });

  it('rises by what the event loop has time for, so that one slow moment costs little', () => {
    const { limitsAfter } = concurrency(200);
    expect(limitsAfter(0.45)).eql([64]);
    expect(limitsAfter(0.75)).eql([77]);
  });

  it('stays where it is while the loop is busy and keeps up', () => {
    const { limitsAfter } = concurrency(256);
    limitsAfter(0);
    expect(limitsAfter(0.9, 5)).eql([]);
  });

  it('never changes what is low anyway', () => {
    const { limitsAfter } = concurrency(8);
    expect(limitsAfter(1, 5)).eql([]);
    expect(limitsAfter(0, 5)).eql([]);
  });
});
