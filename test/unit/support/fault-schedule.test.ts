/** The schedule of the fault test is decided by its seed alone. */
import { expect } from 'chai';
import { LEAST_FAULTS } from '../../chaos/run.ts';
import { createRandom, planRun } from '../../chaos/schedule.ts';

describe('fault schedule', () => {
  it('is the same for the same seed and another for another', () => {
    expect(planRun(7, 20_000)).to.deep.equal(planRun(7, 20_000));
    expect(planRun(7, 20_000)).not.to.deep.equal(planRun(8, 20_000));
  });

  it('has more faults than a run needs to count, in the order in which they strike, none at the ends', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const { faults } = planRun(seed, 20_000);
      expect(faults.length).to.be.above(LEAST_FAULTS);
      expect(faults.map(({ at }) => at)).to.deep.equal(faults.map(({ at }) => at).toSorted((a, b) => a - b));
      for (const { at } of faults) expect(at).to.be.within(600, 18_000);
    }
  });

  it('draws from all of 0 to 1', () => {
    const random = createRandom(1);
    const drawn = Array.from({ length: 10_000 }, random);
    expect(Math.min(...drawn)).to.be.within(0, 0.01);
    expect(Math.max(...drawn)).to.be.within(0.99, 1);
    expect(drawn.reduce((sum, one) => sum + one) / drawn.length).to.be.within(0.48, 0.52);
  });
});
