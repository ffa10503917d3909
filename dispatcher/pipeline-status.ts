/** What a pipeline tells of itself: counts since the start, and what is in hand. */
import type { ConnectionStatus } from './connection.ts';
import type { Lane } from './lane.ts';
import type { Outcome } from './outcome.ts';
import type { Entry } from './window.ts';

export interface PipelineStatus extends Counts, ConnectionStatus {
  readonly paused: boolean;
  /** Records in hand and their bytes. */
  readonly records: number;
  readonly bytes: number;
  readonly running: number;
  /** Keys whose first record waits for another attempt. */
  readonly retrying: number;
  /** Why the latest failed attempt failed; stays until a key that failed has recovered and none is left. */
  readonly lastFailure?: string;
  /** Set while the buffer is full of records that wait for a failing key. */
  readonly blocked?: Blocked;
  /** Set while records without a key, delivered one after the other, are what limits the rate. */
  readonly unkeyedSerial?: true;
}

/** How reading goes. */
export interface Reading {
  readonly connected: boolean;
  readonly paused: boolean;
  /** More records would be delivered at once: a read waits, and calls are free. */
  readonly wanting: boolean;
  /** Records that came since the start and were new. */
  readonly admitted: number;
  /** Records in hand. */
  readonly records: number;
  isInHand(partition: string, matches: (position: string) => boolean): boolean;
}

/** Records since the start. */
export interface Counts {
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
  /** Let go because a limit was reached and there is no dead letter. */
  readonly dropped: number;
  /** Failed attempts by reason. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface Blocked {
  /** The key whose first record has waited longest; absent for records without one. */
  readonly key?: string;
  readonly partition: string;
  readonly position: string;
  readonly attempts: number;
  /** Records of that key in hand. */
  readonly records: number;
  /** Milliseconds since its first attempt. */
  readonly age: number;
}

export class PipelineCounts {
  delivered = 0;
  filtered = 0;
  deadLettered = 0;
  dropped = 0;
  lastFailure: string | undefined;
  readonly #failures: Record<string, number> = {};

  failed(outcome: Exclude<Outcome, { kind: 'delivered' }>): void {
    this.#failures[outcome.reason] = (this.#failures[outcome.reason] ?? 0) + 1;
    this.lastFailure = `${outcome.reason}: ${outcome.message}`;
  }

  snapshot(): Counts {
    const { delivered, filtered, deadLettered, dropped } = this;
    return { delivered, filtered, deadLettered, dropped, failures: { ...this.#failures } };
  }
}

/** Whether most records in hand wait behind others only because they have no key. */
export function isMostlyUnkeyed(lanes: Iterable<Lane<Entry>>): boolean {
  let all = 0;
  let unkeyed = 0;
  for (const { head, size, retrying } of lanes) {
    all += size;
    if (head.record.key === undefined && !retrying) unkeyed += size - 1;
  }
  return unkeyed * 2 > all;
}

/** The lane that has failed for longest. */
export function blockedBy(lanes: Iterable<Lane<Entry>>, now: number): Blocked | undefined {
  let oldest: Lane<Entry> | undefined;
  for (const lane of lanes) {
    if (!lane.retrying) continue;
    if (oldest === undefined || lane.head.firstAttemptAt < oldest.head.firstAttemptAt) oldest = lane;
  }
  if (oldest === undefined) return undefined;
  const { record, attempts, firstAttemptAt } = oldest.head;
  const { partition, position, key } = record;
  const age = Math.round(now - firstAttemptAt);
  return { ...(key !== undefined && { key }), partition, position, attempts, records: oldest.size, age };
}
