/** Asks a source now and then for its lag, and why records wait, so that probes answer at once. */
import { messageOf } from '../common/errors.ts';
import { HoldWatch } from './hold-watch.ts';
import type { Reading } from './pipeline-status.ts';
import { type Hold, isLagReporter, type PartitionLag, type Source } from './sources/source.ts';

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

export interface LagWatchOptions {
  /** How reading goes; absent: nothing is told but the lag. */
  readonly reading?: () => Reading;
  /** Called when there is another reason why records wait, or none any more. */
  readonly onHold?: (hold: Hold | undefined) => void;
  /** Milliseconds between two looks; 15 s by default. */
  readonly every?: number;
}

export class LagWatch {
  readonly #source: Source;
  readonly #options: LagWatchOptions;
  readonly #holdWatch: HoldWatch;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #lag: KnownLag = { known: false, why: 'not asked yet' };
  #heldBack: Hold | undefined;
  /** Of the last look. */
  #admitted = 0;

  constructor(source: Source, options: LagWatchOptions = {}) {
    this.#source = source;
    this.#options = options;
    this.#holdWatch = new HoldWatch(source);
  }

  get lag(): KnownLag {
    return this.#lag;
  }

  /** Why records wait at the broker although they are wanted; undefined: they don't, as far as is known. */
  get heldBack(): Hold | undefined {
    return this.#heldBack;
  }

  /** Looks at once, then every 15 s. */
  async start(): Promise<void> {
    await this.look();
    if (this.#stopped.signal.aborted) return;
    this.#timer = setTimeout(() => void this.start(), this.#options.every ?? EVERY);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped.abort();
  }

  /** One look; `start` takes them. Never rejects. */
  async look(): Promise<void> {
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(EVERY)]);
    this.#lag = await this.#askLag(signal);
    const { reading, onHold } = this.#options;
    if (reading === undefined) return;
    const before = this.#heldBack;
    const after = await this.#askHold(reading(), signal);
    if (this.#stopped.signal.aborted) return;
    this.#heldBack = after;
    if (after?.reason !== before?.reason) onHold?.(after);
  }

  /** Where nothing is known now, what was known stays. */
  async #askHold(reading: Reading, signal: AbortSignal): Promise<Hold | undefined> {
    const before = this.#heldBack;
    const isNewsComing = reading.admitted !== this.#admitted;
    this.#admitted = reading.admitted;
    try {
      const hold = await this.#holdWatch.look(this.#lag, reading, signal);
      return hold === undefined && !this.#lag.known && !isNewsComing && reading.connected ? before : hold;
    } catch {
      return before;
    }
  }

  async #askLag(signal: AbortSignal): Promise<KnownLag> {
    if (!isLagReporter(this.#source)) return { known: false, why: 'this source cannot tell its lag' };
    try {
      const partitions = await this.#source.lag(signal);
      const records = partitions.reduce((sum, partition) => sum + partition.records, 0);
      return { known: true, records, partitions };
    } catch (error) {
      return { known: false, why: messageOf(error) };
    }
  }
}
