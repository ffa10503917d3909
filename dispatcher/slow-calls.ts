/** Which calls take much longer than the others: what stands behind them shouldn't keep other keys from being read. */

/** Milliseconds between two looks, and before any call counts as slow. */
const EVERY = 500;
const LEAST = 1000;
/** A slow call takes so many times as long as calls do on average. */
const FACTOR = 10;
/** Milliseconds before a call counts as slow where none has ended yet. */
const WITHOUT_AVERAGE = 10_000;
/** What one call counts in the average. */
const WEIGHT = 0.05;

export class SlowCalls {
  readonly #look: (age: number) => void;
  #average: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `look` is called now and then with the age, in milliseconds, beyond which a call counts as slow. */
  constructor(look: (age: number) => void) {
    this.#look = look;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(this.limit), EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A call has ended after so many milliseconds. */
  note(took: number): void {
    this.#average = this.#average === undefined ? took : this.#average + (took - this.#average) * WEIGHT;
  }

  get limit(): number {
    return this.#average === undefined ? WITHOUT_AVERAGE : Math.max(LEAST, this.#average * FACTOR);
  }
}
