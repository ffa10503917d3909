/** The contract of a sink: where records go, and what became of each. */
import type { Outcome } from '../outcome.ts';
import type { SourceRecord } from '../sources/source.ts';

export interface Sink {
  /**
   * Delivers these records as one call and answers with one outcome a record, in their order. It never rejects but for
   * an abort through the signal, which rejects with the signal's reason. The caller keeps the time-out.
   */
  send(records: readonly SourceRecord[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /** Gives connections back. Idempotent; calls that run are finished first. */
  close(): Promise<void>;
}
