/** The contract of a sink: where records go, and what became of each. */
import type { Outcome } from '../outcome.ts';
import type { SourceRecord } from '../sources/source.ts';

export interface Sink {
  /**
   * Delivers these records as one call and answers with one outcome a record, in their order. It never rejects but for
   * an abort through the signal, which rejects with the signal's reason. The caller keeps the time-out. The signal is this
   * call's own only until the promise settles: listeners are taken off by then.
   */
  send(records: readonly SourceRecord[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /** Gives connections back. Idempotent; calls that run are finished first. */
  close(): Promise<void>;
}

/** Where records go that can't be delivered; storing one is what lets it be acknowledged. */
export interface DeadLetterSink {
  /** Never rejects but for an abort. Anything but `delivered` means that the record isn't stored and will be stored again. */
  store(record: SourceRecord, failure: Failure, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

/** Why a record goes to the dead letter. */
export interface Failure {
  readonly reason: string;
  readonly message: string;
  readonly status?: number;
  readonly attempts: number;
}
