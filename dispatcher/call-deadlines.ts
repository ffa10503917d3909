/** Time-outs of the calls that run: one timer over all deadlines, exact to a few milliseconds however many there are. */

/** The reason of an abort by a deadline. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** One call that runs; the object is used again when it has ended. */
export interface Call<T> {
  readonly item: T;
  readonly signal: AbortSignal;
  /** Of the caller's clock. */
  readonly startedAt: number;
}

/** What is told when a call's promise settles. */
export interface CallHandlers<T, R> {
  fulfilled(call: Call<T>, result: R): void;
  rejected(call: Call<T>, reason: unknown): void;
}

interface Slot<T, R> extends Call<T> {
  item: T;
  controller: AbortController;
  signal: AbortSignal;
  startedAt: number;
  runs: boolean;
  readonly fulfilled: (result: R) => void;
  readonly rejected: (reason: unknown) => void;
}

/**
 * Slots rather than a set of calls: nothing is made for a call, and no abandoned table of a set keeps what was in it.
 * An `AbortController` that wasn't aborted goes on to the next call, because making one costs more than all else here.
 */
export class CallDeadlines<T, R> {
  readonly #handlers: CallHandlers<T, R>;
  readonly #timeout: number;
  readonly #now: () => number;
  readonly #error: DeadlineError;
  readonly #slots: Slot<T, R>[] = [];
  readonly #free: Slot<T, R>[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `timeout` in milliseconds, `now` a monotonic clock in milliseconds. */
  constructor(timeout: number, now: () => number, handlers: CallHandlers<T, R>) {
    this.#handlers = handlers;
    this.#timeout = timeout;
    this.#now = now;
    this.#error = new DeadlineError(`no answer within ${timeout} ms`);
  }

  get size(): number {
    return this.#slots.length - this.#free.length;
  }

  begin(item: T): Call<T> {
    if (this.#timer === undefined) this.#arm(this.#timeout);
    const slot = this.#free.pop();
    if (slot === undefined) return this.#newSlot(item);
    slot.item = item;
    slot.startedAt = this.#now();
    slot.runs = true;
    return slot;
  }

  /** Tells the handlers what becomes of the call; they end it. */
  settles(call: Call<T>, result: Promise<R>): void {
    const slot = call as Slot<T, R>; // every Call that leaves this class is one
    // Only a promise of our own surely settles once.
    const once = result instanceof Promise ? result : Promise.resolve(result);
    once.then(slot.fulfilled, slot.rejected);
  }

  /** Nobody listens to the call's signal any more: another call gets it. */
  end(call: Call<T>): void {
    const slot = call as Slot<T, R>; // every Call that leaves this class is one
    if (!slot.runs) return;
    slot.runs = false;
    if (slot.signal.aborted) renew(slot);
    this.#free.push(slot);
  }

  /** What runs. */
  items(): T[] {
    return this.#slots.filter(({ runs }) => runs).map(({ item }) => item);
  }

  /** What has run since before this time of the clock. */
  itemsSince(time: number): T[] {
    return this.#slots.filter(({ runs, startedAt }) => runs && startedAt < time).map(({ item }) => item);
  }

  /** Aborts every call for which `which` says so. */
  abort(reason: Error, which: (item: T) => boolean = () => true): void {
    for (const slot of this.#slots) if (slot.runs && which(slot.item)) slot.controller.abort(reason);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #newSlot(item: T): Slot<T, R> {
    const controller = new AbortController();
    const slot: Slot<T, R> = {
      item,
      controller,
      signal: controller.signal,
      startedAt: this.#now(),
      runs: true,
      fulfilled: (result) => this.#handlers.fulfilled(slot, result),
      rejected: (reason) => this.#handlers.rejected(slot, reason),
    };
    this.#slots.push(slot);
    return slot;
  }

  #arm(delay: number): void {
    this.#timer = setTimeout(() => this.#sweep(), Math.max(0, Math.ceil(delay)));
  }

  /** Aborts what is due and sleeps until the next one is. */
  #sweep(): void {
    this.#timer = undefined;
    const now = this.#now();
    let next = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots) {
      if (!slot.runs || slot.signal.aborted) continue;
      const left = slot.startedAt + this.#timeout - now;
      if (left > 0) next = Math.min(next, left);
      else slot.controller.abort(this.#error);
    }
    if (next < Number.POSITIVE_INFINITY) this.#arm(next);
  }
}

function renew(slot: { controller: AbortController; signal: AbortSignal }): void {
  slot.controller = new AbortController();
  slot.signal = slot.controller.signal;
}
