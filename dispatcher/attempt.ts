/** What is told of one attempt to deliver a record, or to store it in the dead letter. */
import type { Outcome } from './outcome.ts';
import type { SourceRecord } from './sources/source.ts';

/** One attempt that ended. */
export interface Attempt {
  readonly record: SourceRecord;
  readonly outcome: Outcome;
  /** 1 is the first. */
  readonly attempt: number;
  /** Milliseconds that the call took. */
  readonly took: number;
  /** Milliseconds until the next attempt; absent when there is none. */
  readonly retryIn?: number;
  /** The attempt was to store the record in the dead letter. */
  readonly deadLetter: boolean;
}
