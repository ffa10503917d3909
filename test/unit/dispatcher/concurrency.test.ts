import { expect } from 'chai';
import { Concurrency } from '../../../dispatcher/concurrency.ts';

describe('Concurrency', () => {
  function concurrency(maxInFlight: number) {
    let busy = 0;
    const limits: number[] = [];
    const adapted = new Concurrency({ maxInFlight, busy: () => busy, onChange: (limit) => limits.push(limit) });
    const after = (share: number, times = 1) => {
      busy = share;
      for (let i = 0; i < times; i += 1) adapted.adjust();
      return limits.splice(0);
    };
    return { after, adapted };
  }

  it('falls step by step while the event loop has no time left, but not below what keeps one process busy', () => {
    const { after } = concurrency(256);
    expect(after(1, 2)).eql([192, 144]);
    expect(after(1, 20).at(-1)).equals(32);
    expect(after(1, 3)).eql([]);
  });

  it('rises at once to all that is allowed when the event loop has time again, and no further', () => {
    const { after } = concurrency(200);
    after(1, 20);
    expect(after(0.5, 4)).eql([64, 128, 200]);
  });

  it('stays where it is while the loop is busy and keeps up', () => {
    const { after } = concurrency(256);
    after(1);
    expect(after(0.9, 5)).eql([]);
  });

  it('never changes what is low anyway', () => {
    const { after } = concurrency(8);
    expect(after(1, 5)).eql([]);
    expect(after(0, 5)).eql([]);
  });
});
