/** Waiting times that grow exponentially, with jitter, until something works again. */

export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number;
  /** The next wait is the shortest again. */
  reset(): void;
}

export interface BackoffOptions {
  /** Milliseconds of the first wait, before jitter. */
  readonly min: number;
  /** Milliseconds that no wait exceeds. */
  readonly max: number;
  /** Share of a wait that is random, 0 to 1; 0.5 by default. */
  readonly jitter?: number;
  /** 0 ≤ x < 1; `Math.random` by default. */
  readonly random?: () => number;
}

/** Doubles from `min` to `max`; jitter only ever shortens a wait, by at most its share. */
export function createBackoff({ min, max, jitter = 0.5, random = Math.random }: BackoffOptions): Backoff {
  let wait = min;
  return {
    next() {
      const current = wait;
      wait = Math.min(max, wait * 2);
      return current * (1 - jitter * random());
    },
    reset() {
      wait = min;
    },
  };
}
