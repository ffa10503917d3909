import { expect } from 'chai';
import { grantPermits } from '../../../../../dispatcher/sources/pulsar/permits.ts';

class Taker {
  outstanding: number;

  constructor(outstanding: number) {
    this.outstanding = outstanding;
  }

  permit(count: number): void {
    this.outstanding += count;
  }
}

function grant(outstanding: readonly number[], wanted: number): number[] {
  const takers = outstanding.map((count) => new Taker(count));
  grantPermits(takers, wanted);
  return takers.map((taker) => taker.outstanding);
}

describe('Pulsar permits', () => {
  const cases: readonly [string, readonly number[], number, readonly number[]][] = [
    ['one topic gets all', [0], 100, [100]],
    ['equal shares', [0, 0], 100, [50, 50]],
    ['what was permitted counts', [60], 100, [100]],
    ["a little isn't worth a message", [90], 100, [90]],
    ['nothing beyond what is wanted', [100], 10, [100]],
    ['idle topics keep theirs, and the busy one stays within the rest', [40, 40, 10], 100, [40, 40, 20]],
    ['what one topic gets is missing for the next', [40, 0, 0], 60, [40, 20, 5]],
    ['a topic without any gets a quarter of its share', [1024, 0], 1024, [1024, 128]],
    ['or one', [60, 0], 2, [60, 1]],
    ['more topics than records wanted', [0, 0, 0], 1, [1, 1, 1]],
  ];
  for (const [name, before, wanted, after] of cases) {
    it(name, () => expect(grant(before, wanted)).to.deep.equal(after));
  }
});
