/**
 * What to record of a partition whose broker keeps a position instead of acks (Kafka, Kinesis): everything up to
 * `through` is done but for the few that are pending.
 *
 * ```
 *  read     0 1 2 3 4 5 6 7 8 9
 *  pending      2     5             snapshot: { through: 9, pending: [2, 5] }
 * ```
 * So one record that is stuck for hours doesn't make hours of successes repeat after a crash.
 */

export interface OffsetSnapshot {
  /** The highest position up to which everything is done or listed; absent when nothing is. */
  readonly through?: string;
  readonly pending: readonly string[];
}

export interface OffsetTracker {
  /** A record was read; positions come in the order of the partition. */
  read(position: string): void;
  /** It is delivered, filtered out or stored; again or unknown: without effect. */
  done(position: string): void;
  snapshot(): OffsetSnapshot;
  /** Changes whenever a snapshot could. */
  readonly version: number;
}

/** Limits of a snapshot; beyond them `through` stays lower. */
export const MAX_PENDING = 256;
const MAX_PENDING_BYTES = 16 * 1024;

/** `from` is the snapshot that reading goes on from. */
export function createOffsetTracker(from?: OffsetSnapshot): OffsetTracker {
  /** Pending position -> the position read just before it. */
  const pending = new Map<string, string | undefined>();
  let last = from?.through;
  let version = 0;
  for (const position of from?.pending ?? []) pending.set(position, undefined);

  return {
    get version() {
      return version;
    },

    read(position) {
      if (pending.has(position)) return;
      version += 1;
      pending.set(position, last);
      last = position;
    },

    done(position) {
      if (pending.delete(position)) version += 1;
    },

    snapshot() {
      const listed: string[] = [];
      let bytes = 0;
      for (const [position, before] of pending) {
        bytes += position.length + 3;
        if (listed.length === MAX_PENDING || bytes > MAX_PENDING_BYTES) return snapshotOf(before, listed);
        listed.push(position);
      }
      return snapshotOf(last, listed);
    },
  };
}

/** Whether the snapshot counts a position as done; reading that begins anew at the first pending one passes these over. */
export function isDone(snapshot: OffsetSnapshot, position: string, compare: (a: string, b: string) => number): boolean {
  if (snapshot.through === undefined || compare(position, snapshot.through) > 0) return false;
  return !snapshot.pending.includes(position);
}

function snapshotOf(through: string | undefined, pending: readonly string[]): OffsetSnapshot {
  return through === undefined ? { pending } : { through, pending };
}
