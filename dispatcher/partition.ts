/** What is known of one partition: its records in hand, what was acknowledged of it, and how long it has been connected. */
import { InHand } from './in-hand.ts';
import { RecentAcks } from './recent-acks.ts';
import type { Outage } from './sources/source.ts';
import type { Entry } from './window.ts';

export interface Partition {
  readonly inHand: InHand<Entry>;
  readonly recent: RecentAcks;
  /** Producer batches of which the broker takes back all or nothing: what of them was acked stays remembered. */
  readonly batches: Map<string, BatchState>;
  openBatch: string | undefined;
  highest: string | undefined;
  /** Milliseconds without a connection so far, and since when it has none now: the ages of acks leave them out. */
  disconnectedFor: number;
  disconnectedSince: number | undefined;
  /** The end of the last time without a connection. */
  connectedSince: number;
}

export interface BatchState {
  /** Members seen and not yet acked. */
  pending: number;
  /** Members not seen so far. */
  unseen: number;
  readonly acked: Set<string>;
}

export function createPartition(): Partition {
  return {
    inHand: new InHand(),
    recent: new RecentAcks(),
    batches: new Map(),
    openBatch: undefined,
    highest: undefined,
    disconnectedFor: 0,
    disconnectedSince: undefined,
    connectedSince: Number.NEGATIVE_INFINITY,
  };
}

/** From now on the partition has no connection, or has one again. */
export function noteOutage(name: string, partition: Partition, outage: Outage, now: number): void {
  const silentFor = outage(name);
  const since = partition.disconnectedSince;
  if (silentFor !== undefined && since === undefined) {
    partition.disconnectedSince = Math.max(partition.connectedSince, now - silentFor);
  } else if (silentFor === undefined && since !== undefined) {
    partition.disconnectedFor += now - since;
    partition.connectedSince = now;
    partition.disconnectedSince = undefined;
  }
}

/** Milliseconds of a clock that stands still while the partition has no connection. */
export function connectedTime({ disconnectedFor, disconnectedSince }: Partition, now: number): number {
  return (disconnectedSince ?? now) - disconnectedFor;
}
