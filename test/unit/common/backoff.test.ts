import { expect } from 'chai';
import { createBackoff } from '../../../common/backoff.ts';

describe('backoff', () => {
  it('doubles up to the maximum, and starts over', () => {
    const backoff = createBackoff({ min: 200, max: 1000, jitter: 0 });
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).to.deep.equal([200, 400, 800, 1000, 1000]);
    backoff.reset();
    expect(backoff.next()).to.equal(200);
  });

  it('shortens waits by a random share', () => {
    const backoff = createBackoff({ min: 1000, max: 1000, jitter: 0.5, random: () => 0.5 });
    expect(backoff.next()).to.equal(750);
  });
});
