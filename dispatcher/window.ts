/**
 * What is in hand: its bounds, its duplicates, and rewinds. Pure; the clock is the caller's.
 *
 * ```
 *  a record arrives:  in hand ───────────────▶ the newest Delivery gets the ack; not queued again
 *                     acked a moment ago ────▶ acked again, not sent
 *                     below the highest read ▶ a rewind: what is above it is dropped, delivery restarts there
 *                     else ──────────────────▶ new
 * ```
 */
import type { Link } from './in-hand.ts';
import { type BatchState, connectedTime, createPartition, noteOutage, type Partition } from './partition.ts';
import type { Batch, ComparePositions, Delivery, Outage, SourceRecord } from './sources/source.ts';

/** One record in hand. */
export interface Entry extends Link<Entry> {
  record: SourceRecord;
  /** The newest: the one that gets the ack. */
  delivery: Delivery;
  readonly bytes: number;
  /** Attempts that began. */
  attempts: number;
  /** When the first attempt began. */
  firstAttemptAt: number;
  /** Why it goes to the dead letter, once that is decided. */
  failure: EntryFailure | undefined;
  /** Dropped by a rewind or a lost partition: what becomes of its running call doesn't count any more. */
  dropped: boolean;
  next: Entry | undefined;
  /** Where it is in hand. */
  readonly partition: Partition;
}

export interface EntryFailure {
  readonly reason: string;
  readonly message: string;
  readonly status?: number;
  /** Attempts to deliver it. */
  readonly attempts: number;
}

export type Verdict =
  | { readonly kind: 'new'; readonly entry: Entry }
  | { readonly kind: 'rewind'; readonly entry: Entry; readonly dropped: ReadonlySet<Entry> }
  | { readonly kind: 'in-hand' }
  | { readonly kind: 'acked' };

export interface WindowOptions {
  readonly records: number;
  readonly bytes: number;
  /** Absent: the source doesn't hand records over in the order of their positions, so there are no rewinds to see. */
  readonly comparePositions?: ComparePositions;
}

/** What a record holds besides its payload: objects, strings and map entries; measured, rounded up. */
const RECORD_OVERHEAD = 512;
/** Assumed before the first record was seen: the largest message that brokers take by default. */
const LARGEST_EXPECTED = 5 * 1024 * 1024;
const NO_RECORD: SourceRecord = {
  partition: '',
  position: '',
  id: '',
  time: 0,
  payload: Buffer.alloc(0),
  attributes: {},
};
const NO_DELIVERY: Delivery = { record: NO_RECORD, ack() {} };
const DUPLICATE: Verdict = { kind: 'in-hand' };
const ACKED: Verdict = { kind: 'acked' };

export class Window {
  readonly #options: WindowOptions;
  readonly #partitions = new Map<string, Partition>();
  #records = 0;
  #bytes = 0;
  /** A decaying maximum, so that a few large records soon count. */
  #expectedBytes: number;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#expectedBytes = Math.min(LARGEST_EXPECTED, options.bytes / 16);
  }

  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many records may be read now so that both bounds hold; 0 when the window is full. */
  room(): number {
    const { records, bytes } = this.#options;
    if (this.#records === 0) return Math.min(records, Math.max(1, Math.floor(bytes / this.#expectedBytes)));
    const byBytes = Math.floor((bytes - this.#bytes) / this.#expectedBytes);
    return Math.max(0, Math.min(records - this.#records, byBytes));
  }

  admit(delivery: Delivery, now: number): Verdict {
    const { record } = delivery;
    const partition = this.#partition(record.partition);
    const compare = this.#options.comparePositions;
    const { highest } = partition;
    // What is above all that was ever read can't be in hand.
    const above = compare !== undefined && (highest === undefined || compare(record.position, highest) > 0);
    if (!above) {
      const known = partition.inHand.find(record.position);
      if (known !== undefined) {
        known.delivery = delivery;
        return DUPLICATE;
      }
      if (this.#wasAcked(partition, record, now)) return ACKED;
    }
    if (above || compare === undefined) {
      partition.highest = record.position;
      return { kind: 'new', entry: this.#take(partition, delivery, now) };
    }
    const dropped = this.#rewind(partition, record.position, compare);
    return { kind: 'rewind', entry: this.#take(partition, delivery, now), dropped };
  }

  /** From now on these partitions are without a connection, and all others have one. */
  noteOutage(outage: Outage, now: number): void {
    for (const [name, partition] of this.#partitions) noteOutage(name, partition, outage, now);
  }

  /** The entry was acked: it leaves the window and is remembered. */
  acked(entry: Entry, now: number): void {
    const { record, partition } = entry;
    this.#free(entry);
    partition.inHand.remove(entry);
    if (record.batch === undefined) {
      partition.recent.add(record.position, connectedTime(partition, now));
      return;
    }
    const batch = partition.batches.get(record.batch.id);
    if (batch === undefined) return;
    batch.acked.add(record.position);
    batch.pending -= 1;
    this.#closeBatch(partition, record.batch.id, batch, now);
  }

  /** The call of a dropped entry has ended: nothing holds its payload any more. */
  released(entry: Entry): void {
    this.#free(entry);
  }

  /** Forgets everything of a partition; answers with what was in hand, now dropped. Running ones are freed by `released`. */
  forget(partition: string): ReadonlySet<Entry> {
    const entries = new Set<Entry>();
    for (const entry of this.#partitions.get(partition)?.inHand ?? []) {
      if (entry.dropped) continue;
      entry.dropped = true;
      entries.add(entry);
    }
    this.#partitions.delete(partition);
    return entries;
  }

  /** Looks through all of the partition: for a look now and then. */
  isInHand(partition: string, matches: (position: string) => boolean): boolean {
    for (const { position } of this.#partitions.get(partition)?.inHand ?? []) if (matches(position)) return true;
    return false;
  }

  /** Whether the broker counts some record of the entry's batch as acked already, so that finishing the batch saves repeats. */
  isBegun(entry: Entry): boolean {
    const { batch } = entry.record;
    if (batch === undefined) return false;
    return (entry.partition.batches.get(batch.id)?.acked.size ?? 0) > 0;
  }

  #partition(name: string): Partition {
    const known = this.#partitions.get(name);
    if (known !== undefined) return known;
    const created = createPartition();
    this.#partitions.set(name, created);
    return created;
  }

  #wasAcked(partition: Partition, record: SourceRecord, now: number): boolean {
    if (record.batch !== undefined && partition.batches.get(record.batch.id)?.acked.has(record.position)) return true;
    return partition.recent.has(record.position, connectedTime(partition, now));
  }

  #take(partition: Partition, delivery: Delivery, now: number): Entry {
    const { record } = delivery;
    const bytes = sizeOf(record);
    this.#expectedBytes = Math.max(bytes, Math.floor(this.#expectedBytes * 0.9));
    this.#records += 1;
    this.#bytes += bytes;
    const entry: Entry = {
      record,
      delivery,
      bytes,
      attempts: 0,
      firstAttemptAt: 0,
      failure: undefined,
      dropped: false,
      next: undefined,
      partition,
      position: record.position,
      previous: undefined,
      following: undefined,
    };
    partition.inHand.add(entry);
    if (record.batch !== undefined || partition.openBatch !== undefined) this.#noteBatch(partition, record.batch, now);
    return entry;
  }

  /** Empties the entry too, whoever still holds it. */
  #free(entry: Entry): void {
    this.#records -= 1;
    this.#bytes -= entry.bytes;
    entry.record = NO_RECORD;
    entry.delivery = NO_DELIVERY;
  }

  #noteBatch(partition: Partition, batch: Batch | undefined, now: number): void {
    const open = partition.openBatch;
    if (open !== undefined && open !== batch?.id) {
      const state = partition.batches.get(open);
      // What comes behind a batch tells that the rest of it will not come: the broker had it acked already.
      if (state !== undefined) {
        state.unseen = 0;
        this.#closeBatch(partition, open, state, now);
      }
    }
    partition.openBatch = batch?.id;
    if (batch === undefined) return;
    const state = partition.batches.get(batch.id) ?? { pending: 0, unseen: batch.size, acked: new Set<string>() };
    state.pending += 1;
    state.unseen = Math.max(0, state.unseen - 1);
    partition.batches.set(batch.id, state);
  }

  #closeBatch(partition: Partition, id: string, batch: BatchState, now: number): void {
    if (batch.pending > 0 || batch.unseen > 0) return;
    partition.batches.delete(id);
    for (const position of batch.acked) partition.recent.add(position, connectedTime(partition, now));
  }

  #rewind(partition: Partition, position: string, compare: ComparePositions): ReadonlySet<Entry> {
    const dropped = new Set<Entry>();
    for (const entry of partition.inHand) {
      if (compare(entry.position, position) < 0) continue;
      entry.dropped = true;
      dropped.add(entry);
      partition.inHand.remove(entry);
      const batch = entry.record.batch && partition.batches.get(entry.record.batch.id);
      if (batch === undefined) continue;
      batch.pending -= 1;
      batch.unseen += 1;
    }
    partition.recent.forget((other) => compare(other, position) >= 0);
    for (const batch of partition.batches.values()) {
      for (const other of batch.acked) if (compare(other, position) >= 0) batch.acked.delete(other);
    }
    partition.highest = position;
    return dropped;
  }
}

function sizeOf(record: SourceRecord): number {
  let bytes = RECORD_OVERHEAD + record.payload.length + (record.key?.length ?? 0);
  for (const name in record.attributes) bytes += name.length + (record.attributes[name]?.length ?? 0);
  return bytes;
}
