import { expect } from 'chai';
import { FailureStreak } from '../../../cli/failure-streak.ts';
import type { Attempt } from '../../../dispatcher/attempt.ts';
import type { Outcome } from '../../../dispatcher/outcome.ts';

const REFUSED: Outcome = { kind: 'retry', reason: 'ConnectionRefused', message: 'refused' };
const BUSY: Outcome = { kind: 'retry', reason: 'ServiceUnavailable', message: 'busy', status: 503 };
const REJECTED: Outcome = { kind: 'rejected', reason: 'BadRequest', message: 'bad', status: 400 };
const DELIVERED: Outcome = { kind: 'delivered', status: 204 };

describe('FailureStreak', () => {
  let time: number;
  let streak: FailureStreak;

  beforeEach(() => {
    time = 0;
    streak = new FailureStreak(() => time);
  });

  function note(outcome: Outcome, deadLetter = false) {
    // It looks at nothing else of an attempt.
    const { isShown, more } = streak.note({ outcome, deadLetter } as Attempt);
    return isShown ? ['shown', more] : ['hidden', more];
  }

  it('shows the first failure of each reason, whatever comes between', () => {
    expect([REFUSED, BUSY, REJECTED].map((outcome) => note(outcome)[0])).to.deep.equal(['shown', 'shown', 'shown']);
    expect([BUSY, REFUSED, REJECTED].map((outcome) => note(outcome)[0])).to.deep.equal(['hidden', 'hidden', 'hidden']);
  });

  it('counts the others, less and less often', () => {
    const told: number[] = [];
    for (time = 0; time <= 200_000; time += 100) {
      const [, more] = note(REFUSED);
      if (more !== 0) told.push(time, Number(more));
    }
    expect(told).to.deep.equal([
      ...[1000, 10, 3000, 20, 7000, 40, 15_000, 80, 31_000, 160],
      ...[63_000, 320, 123_000, 600, 183_000, 600],
    ]);
  });

  it('shows everything again once the function takes a record, with the rest of the count', () => {
    for (const outcome of [REFUSED, REFUSED, REFUSED, BUSY, BUSY]) note(outcome);
    expect(note(DELIVERED)).to.deep.equal(['shown', 3]);
    expect(note(DELIVERED)).to.deep.equal(['shown', 0]);
    expect(note(REFUSED)).to.deep.equal(['shown', 0]);
  });

  it('goes on where the dead letter takes what the function rejects', () => {
    expect(note(REJECTED)).to.deep.equal(['shown', 0]);
    expect(note(DELIVERED, true)).to.deep.equal(['shown', 0]);
    expect(note(REJECTED)).to.deep.equal(['hidden', 0]);
  });
});
