/** What came and wasn't read yet. */

export class Arrivals<T> {
  #items: T[] = [];
  #wake: (() => void) | undefined;
  #end: Error | undefined;
  #bytes = 0;
  readonly #sizeOf: (item: T) => number;

  constructor(sizeOf: (item: T) => number) {
    this.#sizeOf = sizeOf;
  }

  /** Of all items together. */
  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#bytes += this.#sizeOf(item);
    this.#wake?.();
  }

  discard(isWorthless: (item: T) => boolean): void {
    this.#items = this.#items.filter((item) => !isWorthless(item));
    this.#bytes = this.#sumOf(this.#items);
  }

  /** Takes no more from now on; who waits gets the error. */
  end(error: Error): void {
    this.#end = error;
    this.#items = [];
    this.#bytes = 0;
    this.#wake?.();
  }

  /** Waits for at least one; an aborted wait rejects with the signal's reason and takes nothing. */
  async take(max: number, signal: AbortSignal): Promise<T[]> {
    while (this.#items.length === 0) {
      if (this.#end !== undefined) throw this.#end;
      signal.throwIfAborted();
      await this.#arrival(signal);
    }
    const taken = this.#items.splice(0, max);
    this.#bytes -= this.#sumOf(taken);
    return taken;
  }

  #sumOf(items: readonly T[]): number {
    return items.reduce((sum, item) => sum + this.#sizeOf(item), 0);
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
