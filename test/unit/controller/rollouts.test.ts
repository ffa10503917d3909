import { expect } from 'chai';
import { createRollouts } from '../../../controller/rollouts.ts';

describe('rollouts that only the controller causes', () => {
  let clock = 0;
  let woken: string[] = [];
  const create = (max: number) =>
    createRollouts({ max, wake: (key) => woken.push(key), timeout: 1000, now: () => clock });
  beforeEach(() => {
    clock = 0;
    woken = [];
  });

  it('run a few at a time, in the order in which they asked', () => {
    const rollouts = create(2);
    expect(['a', 'b', 'c', 'd'].map((key) => rollouts.begin(key, true))).to.deep.equal(['go', 'go', 'wait', 'wait']);
    rollouts.observe('b', 'running');
    expect(woken).to.deep.equal([]);
    rollouts.observe('b', 'done');
    expect(woken).to.deep.equal(['c']);
    expect(rollouts.begin('c', true)).to.equal('go');
    expect([rollouts.running, rollouts.waiting]).to.deep.equal([2, 1]);
  });

  it('hold their place while they are asked for again', () => {
    const rollouts = create(1);
    expect(['a', 'a', 'b', 'a'].map((key) => rollouts.begin(key, true))).to.deep.equal(['go', 'go', 'wait', 'go']);
  });

  it('stop after three failures in a row, and tell those that wait', () => {
    const rollouts = create(1);
    for (const key of ['a', 'b', 'c']) {
      expect(rollouts.begin(key, true)).to.equal('go');
      expect(rollouts.begin('d', true)).to.equal('wait');
      rollouts.observe(key, 'failed');
    }
    expect(rollouts.isPaused).to.equal(true);
    expect(woken.at(-1)).to.equal('d');
    expect(rollouts.begin('d', true)).to.equal('paused');
  });

  it('go on when one that failed is mended', () => {
    const rollouts = create(3);
    for (const key of ['a', 'b', 'c']) rollouts.begin(key, true);
    for (const key of ['a', 'b', 'c']) rollouts.observe(key, 'failed');
    rollouts.begin('d', true);
    rollouts.observe('b', 'done');
    expect(rollouts.isPaused).to.equal(false);
    expect(woken.at(-1)).to.equal('d');
  });

  it("prove nothing where a trigger wasn't ready before", () => {
    const rollouts = create(1);
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(rollouts.begin(key, false)).to.equal('go');
      rollouts.observe(key, 'failed');
    }
    expect(rollouts.isPaused).to.equal(false);
  });

  it('fail when they take too long', () => {
    const rollouts = create(1);
    rollouts.begin('a', true);
    rollouts.begin('b', true);
    expect(rollouts.deadline('a')).to.equal(1000);
    clock = 1000;
    rollouts.observe('a', 'running');
    expect(woken).to.deep.equal(['b']);
    expect(rollouts.deadline('a')).to.equal(undefined);
  });

  it('count no failure when one succeeds in between', () => {
    const rollouts = create(1);
    for (const [key, progress] of [
      ['a', 'failed'],
      ['b', 'failed'],
      ['c', 'done'],
      ['d', 'failed'],
    ] as const) {
      rollouts.begin(key, true);
      rollouts.observe(key, progress);
    }
    expect(rollouts.isPaused).to.equal(false);
  });

  it('give their place away when somebody paused them, which is no failure', () => {
    const rollouts = create(1);
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(rollouts.begin(key, true)).to.equal('go');
      rollouts.observe(key, 'halted');
      expect(rollouts.deadline(key)).to.equal(undefined);
    }
    expect([rollouts.isPaused, rollouts.running]).to.deep.equal([false, 0]);
  });

  it('give their place away when the trigger is gone', () => {
    const rollouts = create(1);
    rollouts.begin('a', true);
    rollouts.begin('b', true);
    rollouts.begin('c', true);
    rollouts.forget('b');
    rollouts.forget('a');
    expect(woken).to.deep.equal(['c']);
  });
});
