/** The contract of a source: a stream of records from one technology, with explicit acknowledgement. */
import type { DisconnectReason, HoldReason } from '../../api/dispatcher-status.ts';

/** One record as the source handed it over. Two arrivals of one record have the same partition, position and id. */
export interface SourceRecord {
  /** The unit of order, e.g. `persistent://public/default/orders-partition-3`. */
  readonly partition: string;
  /** Stable and unique in its partition, e.g. `12:345:0`; what a user would look the record up by. */
  readonly position: string;
  /** Stable and unique over all partitions; the `event-id` that the function sees. */
  readonly id: string;
  /** Records of one key are delivered in order, one at a time; without a key the whole partition is one key. */
  readonly key?: string;
  /** When the record was made, or else received: a time of `record-time.ts`, in milliseconds, maybe with a fraction. */
  readonly time: number;
  readonly payload: Buffer;
  /** Properties or headers that the producer set, spelled as the producer did. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Names of attributes that the source couldn't hand over whole, or at all; absent where there are none. */
  readonly incomplete?: readonly string[];
  /** How often the broker has handed it over before, where it counts that; absent: not before, or not known. */
  readonly redeliveries?: number;
  /** The broker's unit of acknowledgement where that is several records (a producer batch); absent when it is this one. */
  readonly batch?: Batch;
}

/** A group of records which the broker counts as acknowledged only when all of them are, and otherwise hands over whole. */
export interface Batch {
  /** Unique in the partition. */
  readonly id: string;
  readonly size: number;
}

/**
 * One record in hand. Not acking and closing is how it is given back: there is no nack, which on ordered Pulsar
 * subscriptions would redeliver everything that isn't acked.
 */
export interface Delivery {
  readonly record: SourceRecord;
  /** Synchronous, never throws, and without effect once the partition is lost; the source flushes. */
  ack(): void;
}

/** A stream of records from one technology. It knows its client library and nothing of functions, retries or metrics. */
export interface Source {
  /** Resolves when the first connection stands; until then it retries for ever and says why through `events.state`, also of
   *  an attempt that takes long. What it tells there is logged, so that a source itself logs no more than details.
   *  Rejects only when the signal is aborted (with its reason) or when the configuration can never work. */
  connect(events: SourceEvents, signal: AbortSignal): Promise<void>;
  /** Waits for at least one record; may exceed `max` by what the client handed over at once. An aborted read rejects with
   *  the signal's reason and keeps its records for the next. Lost connections are the source's own business. */
  read(max: number, signal: AbortSignal): Promise<readonly Delivery[]>;
  /** Flushes acks, then closes. Idempotent. */
  close(): Promise<void>;
}

/** A part of what a source consumes. Consumers with the same `id` share its records. */
export interface Stream {
  readonly id: string;
  /** For messages: `persistent://public/default/orders by subscription billing`. */
  readonly description: string;
}

/** Compares two positions of one partition, as `Array.prototype.sort` wants it. */
export type ComparePositions = (a: string, b: string) => number;

/** Of a source whose partitions arrive in the order of their positions, so that a lower one means a rewind. */
export interface OrderedSource {
  readonly comparePositions: ComparePositions;
}

/** Of a source that can tell how far behind it is. */
export interface LagReporter {
  /** What isn't known is absent, never 0. Rejects when nothing can be known right now. */
  lag(signal: AbortSignal): Promise<readonly PartitionLag[]>;
}

export interface PartitionLag {
  readonly partition: string;
  /** Records after the last one that was acknowledged. */
  readonly records: number;
  /** Those of them that this source has or could get: not those of other consumers, nor those that aren't due yet. Absent: all. */
  readonly own?: number;
}

/** Of a source that can tell why its broker keeps records although they are wanted. */
export interface HoldReporter {
  /** What is known since the last `lag`, which may have rejected; undefined: nothing tells of a hold. Never rejects. */
  hold(view: ReadingView, signal: AbortSignal): Promise<Hold | undefined>;
}

export interface Hold {
  readonly reason: HoldReason;
  /** One sentence with its cure, without credentials. */
  readonly why: string;
}

/** What a source can't know of its own records. */
export interface ReadingView {
  /** More records would be delivered at once: a read waits, and calls are free. */
  readonly wanting: boolean;
  /** Nothing new has come since the look before, at which records were wanted too. */
  readonly idle: boolean;
  /** The same at several looks in a row, at each of which the lag says that more records wait than are in hand. */
  readonly starving: boolean;
  /** Whether any record has come since the start. */
  readonly received: boolean;
  /** Records in hand. */
  readonly records: number;
  isInHand(partition: string, matches: (position: string) => boolean): boolean;
}

/** What a source tells the pipeline that reads it. */
export interface SourceEvents {
  /** A hand-over is asked for: resolves when nothing of these partitions runs any more and its acks were called. */
  revoked(partitions: readonly string[]): Promise<void>;
  /** These partitions are owned elsewhere already: their calls are aborted and their acks are no-ops. */
  lost(partitions: readonly string[]): void;
  /**
   * `why` is one sentence for a user; it never carries a credential. `reason` is the same for a program. `outage` tells
   * which partitions are without a connection; by default all are while not connected. Told anew whenever that changes.
   */
  state(connected: boolean, why?: string, reason?: DisconnectReason, outage?: Outage): void;
}

/** Of a partition: for how many milliseconds its lost connection had been silent when that was noticed; undefined while it stands. */
export type Outage = (partition: string) => number | undefined;

/** Why a source isn't connected. */
export interface Disconnection {
  readonly reason: DisconnectReason;
  /** One sentence with its cure, without credentials. */
  readonly why: string;
}

export function isOrdered(source: Source): source is Source & OrderedSource {
  return 'comparePositions' in source && typeof source.comparePositions === 'function';
}

export function isHoldReporter(source: Source): source is Source & HoldReporter {
  return 'hold' in source && typeof source.hold === 'function';
}

export function isLagReporter(source: Source): source is Source & LagReporter {
  return 'lag' in source && typeof source.lag === 'function';
}
