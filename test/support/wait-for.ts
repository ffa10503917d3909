/** Waits for a condition, so that no test waits for a fixed time. */
import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds until giving up; 10,000 when absent. */
  readonly timeout?: number;
  /** Milliseconds between two looks; 10 when absent. */
  readonly interval?: number;
  /** What is waited for, as it reads after "waiting for": "the third delivery". A function is asked when giving up. */
  readonly what: string | (() => string);
}

/**
 * Looks at `condition` until it returns something other than false, null or undefined, and returns that.
 * A condition that throws counts as not met; its last error is the cause of the error after `timeout`.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeout = 10_000, interval = 10, what }: WaitOptions,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + timeout;
  let cause: unknown;
  for (;;) {
    try {
      const result = await condition();
      if (isMet(result)) return result;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) {
      const name = typeof what === 'string' ? what : what();
      throw new Error(`waiting for ${name}: not so after ${timeout} ms`, { cause });
    }
    await delay(interval);
  }
}

function isMet<T>(result: T): result is Exclude<T, false | null | undefined> {
  return result !== false && result !== null && result !== undefined;
}
