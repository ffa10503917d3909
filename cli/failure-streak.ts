/** What a terminal shows of a function that fails again and again: the first failure of each kind, then how many more. */
import type { Attempt } from '../dispatcher/attempt.ts';

/** Between two counts of one reason, in milliseconds: each pause is twice as long as the one before. */
const PAUSE = { min: 1000, max: 60_000 };

interface Repeated {
  /** Failures that weren't shown. */
  hidden: number;
  /** When the next count is due, and the pause after it, in milliseconds of the clock. */
  dueAt: number;
  pause: number;
}

/** Of one trigger. It ends when the function takes a record. */
export class FailureStreak {
  readonly #repeated = new Map<string, Repeated>();
  readonly #now: () => number;

  /** `now` gives milliseconds of a monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether to show an attempt, and how many failures that weren't shown to tell of, before it or in its place. */
  note({ outcome, deadLetter }: Attempt): { readonly isShown: boolean; readonly more: number } {
    if (outcome.kind === 'delivered') return { isShown: true, more: deadLetter ? 0 : this.#end() };
    const repeated = this.#repeated.get(outcome.reason);
    if (repeated === undefined) {
      const { min } = PAUSE;
      this.#repeated.set(outcome.reason, { hidden: 0, dueAt: this.#now() + min, pause: 2 * min });
      return { isShown: true, more: 0 };
    }
    repeated.hidden += 1;
    if (this.#now() < repeated.dueAt) return { isShown: false, more: 0 };
    const { hidden: more, pause } = repeated;
    Object.assign(repeated, { hidden: 0, dueAt: this.#now() + pause, pause: Math.min(2 * pause, PAUSE.max) });
    return { isShown: false, more };
  }

  #end(): number {
    const more = [...this.#repeated.values()].reduce((sum, { hidden }) => sum + hidden, 0);
    this.#repeated.clear();
    return more;
  }
}
