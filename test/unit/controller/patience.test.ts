import { expect } from 'chai';
import { createPatience } from '../../../controller/patience.ts';

const says = (reason: string) => ({ conditions: [{ type: 'Ready', status: 'False' as const, reason }] });

describe('a status that says that a rollout is on its way', () => {
  it('waits for two seconds, and so do its next words', () => {
    let clock = 0;
    const patience = createPatience({ now: () => clock });
    expect(patience.left('a', says('RollingOut'))).to.equal(2000);
    clock = 1500;
    expect(patience.left('a', says('RollingOut'))).to.equal(500);
    clock = 2000;
    expect(patience.left('a', says('RollingOut'))).to.equal(undefined);
    expect(patience.left('a', says('RollingOut'))).to.equal(2000);
  });

  it('waits longer while there is much else to write', () => {
    const patience = createPatience({ isBusy: () => true, now: () => 0 });
    expect(patience.left('a', says('RollingOut'))).to.equal(8000);
  });

  it('is not needed when it is over, or when something is wrong', () => {
    const patience = createPatience({ now: () => 0 });
    patience.left('a', says('RollingOut'));
    expect(patience.left('a', says('Running'))).to.equal(undefined);
    expect(patience.left('a', says('CrashLoop'))).to.equal(undefined);
    expect(patience.left('a', says('RollingOut'))).to.equal(2000);
  });
});
