/** One trigger at work: a source, a window, lanes and a sink, with no module-level state. */
import type { Trigger } from '../api/trigger.ts';
import type { Logger } from '../common/logger.ts';
import type { Outcome } from './outcome.ts';
import type { DeadLetterSink, Sink } from './sinks/sink.ts';
import type { Source, SourceRecord } from './sources/source.ts';

export interface PipelineOptions {
  readonly trigger: Trigger;
  readonly source: Source;
  readonly sink: Sink;
  readonly deadLetter?: DeadLetterSink;
  readonly logger: Logger;
  /** Milliseconds of a monotonic clock; the process's own by default. */
  readonly now?: () => number;
  /** 0 ≤ x < 1; `Math.random` by default. */
  readonly random?: () => number;
  /** Called after each attempt, for a terminal or a metric. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

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
}

export interface Pipeline {
  /** Connects and begins to deliver; resolves when the first connection stands. */
  start(): Promise<void>;
  /** Stops reading, waits for what runs (bounded by delivery.timeout), flushes acks and closes. Idempotent. */
  stop(): Promise<void>;
  status(): PipelineStatus;
}

export interface PipelineStatus {
  readonly connected: boolean;
  /** Why it isn't connected, in one sentence. */
  readonly why?: string;
  readonly paused: boolean;
  /** Records in hand and their bytes. */
  readonly records: number;
  readonly bytes: number;
  readonly running: number;
  /** Keys whose first record waits for another attempt. */
  readonly retrying: number;
  /** Set while the buffer is full and its records wait. */
  readonly blocked?: Blocked;
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
}

export interface Blocked {
  /** The key whose first record has waited longest; absent for records without one. */
  readonly key?: string;
  readonly partition: string;
  readonly position: string;
  readonly attempts: number;
  readonly reason: string;
  /** Records of that key in hand. */
  readonly records: number;
}

export declare function createPipeline(options: PipelineOptions): Pipeline;
