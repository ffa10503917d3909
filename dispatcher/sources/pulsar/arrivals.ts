/** What came and wasn't read yet. */

export class Arrivals<T> {
  #items: T[] = [];
  #wake: (() => void) | undefined;
  #end: Error | undefined;

  get length(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  discard(isWorthless: (item: T) => boolean): void {
    this.#items = this.#items.filter((item) => !isWorthless(item));
  }

  /** Takes no more from now on; who waits gets the error. */
  end(error: Error): void {
    this.#end = error;
    this.#items = [];
    this.#wake?.();
  }

  /** Waits for at least one; an aborted wait rejects with the signal's reason and takes nothing. */
  async take(max: number, signal: AbortSignal): Promise<T[]> {
    while (this.#items.length === 0) {
      if (this.#end !== undefined) throw this.#end;
      await this.#arrival(signal);
    }
    return this.#items.splice(0, max);
  }

  async #arrival(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#wake = resolve;
    try {
      await promise;
    } finally {
      this.#wake = undefined;
      signal.removeEventListener('abort', abort);
    }
  }
}
