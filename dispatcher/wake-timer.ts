/** One timer for the earliest of many times. */

export class WakeTimer {
  readonly #now: () => number;
  readonly #wake: (now: number) => number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;
  #stopped = false;

  /** `now` is a monotonic clock in milliseconds; `wake` is called at the times asked for, and answers with the next one. */
  constructor(now: () => number, wake: (now: number) => number | undefined) {
    this.#now = now;
    this.#wake = wake;
  }

  /** Wakes at this time of the clock or before. */
  by(time: number): void {
    if (time >= this.#at || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#at = time;
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, Math.ceil(time - this.#now())));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #ring(): void {
    this.#at = Number.POSITIVE_INFINITY;
    const next = this.#wake(this.#now());
    if (next !== undefined) this.by(next);
  }
}
