/** A source on the in-memory broker: offsets and checkpoints instead of acks, and partitions that come and go. */
import { setTimeout as delay } from 'node:timers/promises';
import { createBackoff } from '../../../common/backoff.ts';
import type {
  Delivery,
  LagReporter,
  OrderedSource,
  PartitionLag,
  Source,
  SourceEvents,
} from '../../../dispatcher/sources/source.ts';
import { AssignedPartition } from './partition.ts';
import type { BrokerConnection, Connect, MemberEvents, Membership, StoredRecord } from './protocol.ts';

export interface MemorySourceOptions extends Membership {
  readonly connect: Connect;
  /** Milliseconds between two checkpoints; 20 by default. */
  readonly checkpointInterval?: number;
}

export function createMemorySource(options: MemorySourceOptions): Source & OrderedSource & LagReporter {
  return new MemorySource(options);
}

class MemorySource implements Source, OrderedSource, LagReporter {
  readonly #options: MemorySourceOptions;
  readonly #partitions = new Map<string, AssignedPartition>();
  #events: SourceEvents | undefined;
  #connection: BrokerConnection | undefined;
  #ready: Delivery[] = [];
  #fetching: Promise<void> | undefined;
  #changed = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  readonly #stopped = new AbortController();

  constructor(options: MemorySourceOptions) {
    this.#options = options;
  }

  comparePositions = (a: string, b: string): number => Number(a) - Number(b);

  async connect(events: SourceEvents, signal: AbortSignal): Promise<void> {
    this.#events = events;
    await this.#join(AbortSignal.any([signal, this.#stopped.signal]));
    this.#timer = setInterval(() => void this.#checkpoint(), this.#options.checkpointInterval ?? 20);
  }

  async read(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#ready.length > 0) return this.#ready.splice(0, max);
      this.#fetching ??= this.#fetch(max).finally(() => {
        this.#fetching = undefined;
      });
      await abortable(this.#fetching, signal);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async lag(): Promise<readonly PartitionLag[]> {
    if (this.#connection === undefined) throw new Error('reading the lag: not connected');
    const ends = await this.#connection.ends();
    return ends.flatMap(({ partition, offset }) => {
      const assigned = this.#partitions.get(partition);
      return assigned === undefined ? [] : [{ partition, records: assigned.behind(offset) }];
    });
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped.abort();
    this.#ready = [];
    await this.#checkpoint();
    await this.#connection?.leave().catch(() => {});
    this.#connection = undefined;
  }

  async #join(signal: AbortSignal): Promise<void> {
    const backoff = createBackoff({ min: 20, max: 200 });
    for (;;) {
      signal.throwIfAborted();
      try {
        const connection = await this.#options.connect(this.#memberEvents());
        this.#connection = connection;
        const before = new Map(this.#partitions);
        const { topic, group, initialPosition } = this.#options;
        await connection.join({ topic, group, initialPosition });
        this.#loseUnless(before);
        this.#events?.state(true);
        this.#wake();
        return;
      } catch (error) {
        this.#events?.state(false, error instanceof Error ? error.message : String(error));
        await delay(backoff.next(), undefined, { signal });
      }
    }
  }

  #memberEvents(): MemberEvents {
    return {
      assigned: (assignments) => {
        for (const assignment of assignments) {
          this.#forget([assignment.partition]);
          this.#partitions.set(assignment.partition, new AssignedPartition(assignment));
        }
        this.#wake();
      },
      revoke: async (partitions) => {
        this.#unread(partitions);
        await this.#events?.revoked(partitions);
        await this.#checkpoint();
        this.#forget(partitions);
      },
      lost: (partitions) => {
        this.#forget(partitions);
        this.#events?.lost(partitions);
      },
      closed: (why) => {
        this.#connection = undefined;
        if (this.#stopped.signal.aborted) return;
        this.#events?.state(false, why);
        this.#join(this.#stopped.signal).catch(() => {});
      },
    };
  }

  async #fetch(max: number): Promise<void> {
    const places = [...this.#partitions].map(([partition, { next }]) => ({ partition, offset: next }));
    const changed = this.#changed.promise;
    if (this.#connection === undefined || places.length === 0) {
      await changed;
      return;
    }
    const assigned = new Map(this.#partitions);
    const fetched = this.#connection.fetch(places, max).catch(() => []);
    // A fetch that reaches the broker after an assignment waits at places that nobody reads from any more.
    const records = await Promise.race([fetched, changed.then(() => [])]);
    for (const record of records) this.#take(record, assigned.get(record.partition));
  }

  /** What was fetched for an assignment that ended meanwhile is nobody's any more. */
  #take(record: StoredRecord, assigned: AssignedPartition | undefined): void {
    if (assigned === undefined || this.#partitions.get(record.partition) !== assigned) return;
    const delivery = assigned.take(record);
    if (delivery !== undefined) this.#ready.push(delivery);
  }

  /** What a new membership didn't bring back is someone else's. */
  #loseUnless(before: ReadonlyMap<string, AssignedPartition>): void {
    const lost = [...before].flatMap(([name, assigned]) => (this.#partitions.get(name) === assigned ? [name] : []));
    if (lost.length === 0) return;
    this.#forget(lost);
    this.#events?.lost(lost);
  }

  /** Stops reading these partitions; what is in hand of them can still be acked. */
  #unread(partitions: readonly string[]): void {
    this.#ready = this.#ready.filter(({ record }) => !partitions.includes(record.partition));
    for (const partition of partitions) this.#partitions.get(partition)?.pause();
  }

  #forget(partitions: readonly string[]): void {
    this.#unread(partitions);
    for (const partition of partitions) this.#partitions.delete(partition);
  }

  async #checkpoint(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    await Promise.all(
      [...this.#partitions.values()].map((assigned) => assigned.checkpoint(connection).catch(() => {})),
    );
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

/** Rejects with the signal's reason; the promise itself goes on. */
async function abortable(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
