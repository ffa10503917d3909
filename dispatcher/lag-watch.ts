/** Asks a source for its lag now and then, so that probes answer at once. */
import { messageOf } from '../common/errors.ts';
import { isLagReporter, type PartitionLag, type Source } from './sources/source.ts';

export type KnownLag =
  | { readonly known: true; readonly records: number; readonly partitions: readonly PartitionLag[] }
  | { readonly known: false; readonly why: string };

/** Partitions that a status names: the answer stays small, however many there are. */
const MOST_PARTITIONS = 100;

/** Names the partitions that are furthest behind; `records` counts all. */
export function briefLag(lag: KnownLag): KnownLag {
  if (!lag.known || lag.partitions.length <= MOST_PARTITIONS) return lag;
  const partitions = lag.partitions.toSorted((a, b) => b.records - a.records).slice(0, MOST_PARTITIONS);
  return { ...lag, partitions };
}

/** Milliseconds between two looks. */
const EVERY = 15_000;

export class LagWatch {
  readonly #source: Source;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #lag: KnownLag = { known: false, why: 'not asked yet' };

  constructor(source: Source) {
    this.#source = source;
  }

  get lag(): KnownLag {
    return this.#lag;
  }

  /** Looks at once, then every 15 s. */
  async start(): Promise<void> {
    await this.#look();
    if (this.#stopped.signal.aborted) return;
    this.#timer = setTimeout(() => void this.start(), EVERY);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped.abort();
  }

  async #look(): Promise<void> {
    if (!isLagReporter(this.#source)) {
      this.#lag = { known: false, why: 'this source cannot tell its lag' };
      return;
    }
    try {
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(EVERY)]);
      const partitions = await this.#source.lag(signal);
      const records = partitions.reduce((sum, partition) => sum + partition.records, 0);
      this.#lag = { known: true, records, partitions };
    } catch (error) {
      this.#lag = { known: false, why: messageOf(error) };
    }
  }
}
