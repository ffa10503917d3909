/**
 * How many calls of healthy keys run at once. More of them than this process can keep up with only wait, answered, in the
 * sockets: each then finds the caches cold and the garbage older, and all are slower. So the limit begins low, rises where
 * it holds calls back although the event loop has time for them, and falls while that has none left.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

export interface ConcurrencyOptions {
  /** The most that may run. */
  readonly maxInFlight: number;
  /** Called with each new limit; until the first one there is none but `maxInFlight`. */
  readonly onChange: (limit: number) => void;
  /** Whether as many calls run as may. */
  readonly isReached: () => boolean;
  /** The share of time that the event loop was busy since the last call, 0 to 1; that of this process by default. */
  readonly busy?: () => number;
}

/** Never fewer than this, which is enough to keep one process busy. */
const LEAST = 32;
const INTERVAL = 100;
const TOO_BUSY = 0.95;
const BUSY = 0.8;
/** How busy the loop is to become where the limit rises, and how many times it rises at most at one look. */
const AIM = 0.9;
const STEEPEST = 4;

export class Concurrency {
  readonly #options: ConcurrencyOptions;
  readonly #least: number;
  readonly #busy: () => number;
  #limit: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ConcurrencyOptions) {
    this.#options = options;
    this.#least = Math.min(LEAST, options.maxInFlight);
    this.#limit = this.#least;
    this.#busy = options.busy ?? ownBusyness();
  }

  start(): void {
    if (this.#least === this.#options.maxInFlight) return;
    this.#options.onChange(this.#limit);
    this.#timer ??= setInterval(() => this.adjust(), INTERVAL).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  adjust(): void {
    const busy = this.#busy();
    const limit = this.#limit;
    if (busy > TOO_BUSY) this.#limit = Math.max(this.#least, Math.floor(limit * 0.75));
    else if (busy < BUSY && this.#options.isReached())
      this.#limit = Math.min(this.#options.maxInFlight, Math.ceil(limit * growth(busy)));
    if (this.#limit !== limit) this.#options.onChange(this.#limit);
  }
}

/** As many times as the calls that run would have to be for the loop to be as busy as it should. */
function growth(busy: number): number {
  return Math.min(STEEPEST, AIM / Math.max(busy, AIM / STEEPEST));
}

function ownBusyness(): () => number {
  let last: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
