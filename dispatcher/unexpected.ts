/** Logs what should never fail and did: once a minute for each cause, however many records meet it. */
import { messageOf } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';

/** Milliseconds in which the same cause isn't logged again. */
const QUIET = 60_000;
/** Causes that are remembered; beyond that they are logged anew. */
const MOST_KNOWN = 256;

export class UnexpectedFailures {
  readonly #logger: Logger;
  readonly #now: () => number;
  /** Cause -> when it was logged. */
  readonly #known = new Map<string, number>();

  /** `now` is a monotonic clock in milliseconds. */
  constructor(logger: Logger, now: () => number) {
    this.#logger = logger;
    this.#now = now;
  }

  /** `what` says what was being done: `filtering a record`. */
  note(what: string, error: unknown): void {
    const now = this.#now();
    const cause = `${what}: ${messageOf(error)}`;
    const logged = this.#known.get(cause);
    if (logged !== undefined && now - logged < QUIET) return;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(cause, now);
    try {
      this.#logger.error({ err: error }, `${what} failed`);
    } catch {
      // What was thrown can't even be printed.
      this.#logger.error(`${what} failed: ${messageOf(error)}`);
    }
  }
}
