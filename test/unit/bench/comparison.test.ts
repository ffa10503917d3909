import { expect } from 'chai';
import { compareRuns, type TwiceMeasured } from '../../../bench/comparison.ts';

const run = (first: number[], other: number[], again: number[], otherAgain: number[]): TwiceMeasured => ({
  these: [first, again],
  others: [other, otherAgain],
});

describe('the comparison of two loops', () => {
  it('divides figures of the same round, so that a slow round counts for nothing', () => {
    const { ratio } = compareRuns([run([90, 9, 900], [100, 10, 1000], [90, 9, 900], [100, 10, 1000])]);
    expect(ratio).equals(0.9);
  });

  it('takes the median of all rounds of all runs, of both measurements', () => {
    const { ratio } = compareRuns([run([80], [100], [90], [100]), run([95], [100], [300], [100])]);
    expect(ratio).equals((0.9 + 0.95) / 2);
  });

  it('spreads as far as the same code is from itself, either way round', () => {
    const { spread } = compareRuns([run([100], [100], [110], [100]), run([100], [100], [100], [104])]);
    expect(spread).eql({ from: 1 / 1.1, to: 1.1 });
    const mirrored = compareRuns([run([110], [100], [100], [100])]);
    expect(mirrored.spread.to).closeTo(1.1, 1e-9);
  });

  it('takes the median of the rounds of a run before it looks for the largest', () => {
    const { spread } = compareRuns([run([100, 100, 100], [100, 100, 100], [102, 500, 101], [100, 100, 100])]);
    expect(spread.to).equals(1.02);
  });

  it('tells a slower engine from noise, and noise from a slower engine', () => {
    const noise = run([100, 102], [101, 99], [98, 101], [100, 100]);
    const same = compareRuns([noise, noise]);
    expect(same.ratio).at.least(same.spread.from);
    const slower = run([80, 82], [101, 99], [78, 81], [100, 100]);
    const worse = compareRuns([slower, slower]);
    expect(worse.ratio).below(worse.spread.from);
  });
});
