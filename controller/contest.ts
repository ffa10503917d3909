/** Somebody else writes over what was written: how long it is left so, and when that is a fight worth telling of. */
import { createBackoff } from '../common/backoff.ts';
import type { Transition } from './status/events.ts';
import { plainText } from './status/plain-text.ts';

export interface Contest {
  /** Milliseconds to let pass before it is written again; 0: it is written now, which counts. */
  turn(): number;
  /** Whether it was written again more than once, with no calm between: a change by hand is no fight. */
  isFight(): boolean;
}

/** Milliseconds. */
const WAITS = { min: 250, max: 10_000, jitter: 0.2 };
/** Milliseconds after which nothing of it counts any more. */
const CALM = 30_000;

/** `now` in milliseconds, of a clock that doesn't jump. */
export function createContest(now: () => number): Contest {
  const backoff = createBackoff(WAITS);
  let notBefore = now();
  let times = 0;
  return {
    turn() {
      if (now() < notBefore) return notBefore - now();
      if (now() > notBefore + CALM) {
        backoff.reset();
        times = 0;
      }
      notBefore = now() + backoff.next();
      times += 1;
      return 0;
    },
    isFight: () => times > 1,
  };
}

/** In bytes, so that the cure is never cut off. */
const LONGEST_WHO = 600;

/** `who` says what is written over and, as far as that is known, by whom; `cure` is a sentence. */
export function contestedEvent(who: string, cure: string): Transition {
  const note = `Somebody else keeps writing over what the controller sets: ${plainText(who, LONGEST_WHO)}. ${cure}`;
  return { type: 'Warning', reason: 'Contested', note, action: 'Apply' };
}
