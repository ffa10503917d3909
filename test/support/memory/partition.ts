/** One partition while a member has it: where to read on, what is done, and the checkpoint of that. */
import { createOffsetTracker, isDone, type OffsetSnapshot } from '../../../dispatcher/sources/offset-tracker.ts';
import type { Delivery, SourceRecord } from '../../../dispatcher/sources/source.ts';
import type { Assignment, BrokerConnection, Checkpoint, StoredRecord } from './protocol.ts';

export class AssignedPartition {
  readonly #assignment: Assignment;
  readonly #from: OffsetSnapshot;
  readonly #tracker;
  #next: number;
  #recorded: number;
  #isPaused = false;

  constructor(assignment: Assignment) {
    this.#assignment = assignment;
    this.#from = toSnapshot(assignment.checkpoint);
    this.#tracker = createOffsetTracker(this.#from);
    this.#recorded = this.#tracker.version;
    this.#next = Math.min(assignment.checkpoint.through + 1, ...assignment.checkpoint.pending);
  }

  /** The offset to read next; beyond every record while the partition is on its way to someone else. */
  get next(): number {
    return this.#isPaused ? Number.MAX_SAFE_INTEGER : this.#next;
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** Undefined for a record that the checkpoint counts as done. */
  take(stored: StoredRecord): Delivery | undefined {
    if (this.#isPaused || stored.offset < this.#next) return undefined;
    this.#next = stored.offset + 1;
    const record = toRecord(stored);
    if (isDone(this.#from, record.position, (a, b) => Number(a) - Number(b))) return undefined;
    this.#tracker.read(record.position);
    return { record, ack: () => this.#tracker.done(record.position) };
  }

  /** Records between what is done and `end`, one past the last offset. */
  behind(end: number): number {
    const { through, pending } = toCheckpoint(this.#tracker.snapshot());
    return end - 1 - through + pending.length;
  }

  async checkpoint(connection: BrokerConnection): Promise<void> {
    const { version } = this.#tracker;
    if (version === this.#recorded) return;
    const { partition, epoch } = this.#assignment;
    await connection.commit(partition, epoch, toCheckpoint(this.#tracker.snapshot()));
    this.#recorded = version;
  }
}

function toRecord({ partition, offset, key, time, payload }: StoredRecord): SourceRecord {
  const position = String(offset);
  const record = { partition, position, id: `${partition}/${position}`, time, payload, attributes: {} };
  return key === undefined ? record : { ...record, key };
}

function toSnapshot({ through, pending }: Checkpoint): OffsetSnapshot {
  return through < 0 ? { pending: [] } : { through: String(through), pending: pending.map(String) };
}

function toCheckpoint({ through, pending }: OffsetSnapshot): Checkpoint {
  // Nothing but the pending ones is done up to the first of them when there is no `through`.
  return { through: through === undefined ? -1 : Number(through), pending: pending.map(Number) };
}
