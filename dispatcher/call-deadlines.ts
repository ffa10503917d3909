/** Time-outs of the calls that run: one timer over all deadlines, exact to a few milliseconds however many there are. */

/** The reason of an abort by a deadline. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** One call that runs. */
export interface Call<T> {
  readonly item: T;
  readonly controller: AbortController;
  /** Of the caller's clock. */
  readonly startedAt: number;
}

/** All calls have the same time-out, so the oldest is always the next to end. */
export class CallDeadlines<T> {
  readonly #timeout: number;
  readonly #now: () => number;
  readonly #calls = new Set<Call<T>>();
  readonly #error: DeadlineError;
  /** Of calls that ended without an abort, for the next ones: making one costs more than the rest of a call here. */
  readonly #idle: AbortController[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `timeout` in milliseconds, `now` a monotonic clock in milliseconds. */
  constructor(timeout: number, now: () => number) {
    this.#timeout = timeout;
    this.#now = now;
    this.#error = new DeadlineError(`no answer within ${timeout} ms`);
  }

  get size(): number {
    return this.#calls.size;
  }

  begin(item: T): Call<T> {
    const call: Call<T> = { item, controller: this.#idle.pop() ?? new AbortController(), startedAt: this.#now() };
    this.#calls.add(call);
    if (this.#timer === undefined) this.#arm(this.#timeout);
    return call;
  }

  /** Nobody listens to the call's signal any more: another call gets it. */
  end(call: Call<T>): void {
    if (this.#calls.delete(call) && !call.controller.signal.aborted) this.#idle.push(call.controller);
  }

  /** What runs, the oldest first. */
  items(): T[] {
    return Array.from(this.#calls, (call) => call.item);
  }

  /** Aborts every call for which `which` says so. */
  abort(reason: Error, which: (item: T) => boolean = () => true): void {
    for (const call of this.#calls) if (which(call.item)) call.controller.abort(reason);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    this.#timer = setTimeout(() => this.#sweep(), Math.max(0, Math.ceil(delay)));
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#now();
    for (const call of this.#calls) {
      if (call.controller.signal.aborted) continue;
      const left = call.startedAt + this.#timeout - now;
      if (left > 0) {
        this.#arm(left);
        return;
      }
      call.controller.abort(this.#error);
    }
  }
}
