/**
 * One trigger at work: a source, a window, lanes and a sink, with no module-level state.
 *
 * ```
 *  read ─▶ admit ─┬─ in hand, or acked just now ─▶ (nothing, or ack again)
 *                 ├─ filtered out ───────────────▶ ack
 *                 └─ new, or a rewind ───────────▶ lanes ─▶ attempts ─▶ ack
 * ```
 */
import type { Trigger } from '../api/trigger.ts';
import type { Logger } from '../common/logger.ts';
import { CLOSING_SINKS, CLOSING_SOURCE } from '../common/stop-times.ts';
import { within } from '../common/within.ts';
import type { Attempt } from './attempt.ts';
import { Connection } from './connection.ts';
import type { Decision } from './decision.ts';
import { LaneRunner } from './lane-runner.ts';
import { PipelineCounts, type PipelineStatus, type Reading } from './pipeline-status.ts';
import { Reader } from './reader.ts';
import type { DeadLetterSink, Sink } from './sinks/sink.ts';
import {
  type Delivery,
  isOrdered,
  type Outage,
  type Source,
  type SourceEvents,
  type SourceRecord,
} from './sources/source.ts';
import { UnexpectedFailures } from './unexpected.ts';
import { type Entry, Window } from './window.ts';

export interface PipelineOptions {
  readonly trigger: Trigger;
  readonly source: Source;
  readonly sink: Sink;
  readonly deadLetter?: DeadLetterSink;
  /** Whether the function wants the record; what it doesn't want is acked unsent. */
  readonly filter?: (record: SourceRecord) => boolean;
  readonly logger: Logger;
  /** Milliseconds of a monotonic clock; the process's own by default. */
  readonly now?: () => number;
  /** 0 ≤ x < 1; `Math.random` by default. */
  readonly random?: () => number;
  /** Called after each attempt, for a terminal or a metric. */
  readonly onAttempt?: (attempt: Attempt) => void;
  /** Whether the broker hands over nothing more before records in hand are acknowledged: they fill the buffer, then. */
  readonly isCutOff?: () => boolean;
}

export interface Pipeline {
  /** Connects and begins to deliver; resolves when the first connection stands. */
  start(): Promise<void>;
  /** Stops reading, waits for what runs (bounded by delivery.timeout), flushes acks and closes. Idempotent. */
  stop(): Promise<void>;
  status(): PipelineStatus;
  reading(): Reading;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  return new RunningPipeline(options);
}

const NO_OUTAGE: Outage = () => undefined;
const FULL_OUTAGE: Outage = () => 0;

class RunningPipeline implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #now: () => number;
  readonly #window: Window;
  readonly #runner: LaneRunner;
  readonly #counts = new PipelineCounts();
  readonly #reading = new AbortController();
  readonly #connection: Connection;
  readonly #unexpected: UnexpectedFailures;
  readonly #reader: Reader;
  #readerEnded: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #admitted = 0;

  constructor(options: PipelineOptions) {
    const { trigger, source, sink, deadLetter, logger, onAttempt } = options;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    const random = options.random ?? Math.random;
    this.#unexpected = new UnexpectedFailures(logger, this.#now);
    this.#connection = new Connection(logger, this.#unexpected);
    this.#window = new Window({
      ...trigger.delivery.buffer,
      ...(isOrdered(source) && { comparePositions: source.comparePositions }),
    });
    this.#runner = new LaneRunner({
      delivery: trigger.delivery,
      sink,
      ...(deadLetter && { deadLetter }),
      logger,
      unexpected: this.#unexpected,
      now: this.#now,
      random,
      onDone: (entry, decision, stored) => this.#finish(entry, decision, stored),
      onReleased: (entry) => this.#window.released(entry),
      onAttempt: (attempt) => {
        if (attempt.outcome.kind !== 'delivered') this.#counts.failed(attempt.outcome);
        try {
          onAttempt?.(attempt);
        } catch (error) {
          this.#unexpected.note('reporting an attempt', error);
        }
      },
      onCallEnd: () => this.#reader.noteRoom(),
    });
    this.#reader = new Reader({
      source,
      signal: this.#reading.signal,
      room: () => this.#room(),
      onRead: (deliveries) => this.#admitAll(deliveries),
      onFailure: (error) => this.#connection.noteReadFailure(error),
      random,
    });
  }

  async start(): Promise<void> {
    const events: SourceEvents = {
      revoked: (partitions) => this.#revoked(partitions),
      lost: (partitions) => this.#lost(partitions),
      state: (connected, why, reason, outage = connected ? NO_OUTAGE : FULL_OUTAGE) => {
        this.#connection.noteState(connected, why, reason);
        this.#window.noteOutage(outage, this.#now());
      },
    };
    const { signal } = this.#reading;
    try {
      await this.#options.source.connect(events, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (this.#options.trigger.paused || signal.aborted) return;
    this.#runner.start();
    this.#readerEnded = this.#reader.run();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  status(): PipelineStatus {
    const { retrying, running } = this.#runner;
    const { lastFailure } = this.#counts;
    const isFull = this.#window.room() === 0 || this.#options.isCutOff?.() === true;
    const blocked = isFull ? this.#runner.blocked() : undefined;
    return {
      ...this.#connection.status,
      paused: this.#options.trigger.paused,
      records: this.#window.records,
      bytes: this.#window.bytes,
      running,
      retrying,
      ...(retrying > 0 && lastFailure !== undefined && { lastFailure }),
      ...(blocked && { blocked }),
      ...(this.#isUnkeyedSerial() && { unkeyedSerial: true as const }),
      ...this.#counts.snapshot(),
    };
  }

  reading(): Reading {
    return {
      connected: this.#connection.status.connected,
      paused: this.#options.trigger.paused,
      wanting: this.#reader.isWaiting && !this.#runner.isAtLimit,
      admitted: this.#admitted,
      records: this.#window.records,
      isInHand: (partition, matches) => this.#window.isInHand(partition, matches),
    };
  }

  /** How many records to read now. */
  #room(): number {
    return Math.max(0, Math.min(this.#window.room(), this.#runner.appetite));
  }

  #isUnkeyedSerial(): boolean {
    const most = Math.min(this.#options.trigger.delivery.buffer.records, this.#runner.lookAhead);
    // Full but for what the last calls made room for: the source gives more than the lanes get rid of.
    return this.#runner.waiting > most * 0.9 - 1 && this.#runner.isUnkeyedSerial();
  }

  #admitAll(deliveries: readonly Delivery[]): void {
    this.#connection.noteRead();
    for (const delivery of deliveries) this.#admitOne(delivery);
    this.#runner.run();
  }

  /** One that fails mustn't keep those behind it from being queued: they would be lost until the next connection. */
  #admitOne(delivery: Delivery): void {
    try {
      this.#admit(delivery);
    } catch (error) {
      this.#unexpected.note('taking a record in', error);
    }
  }

  #admit(delivery: Delivery): void {
    const verdict = this.#window.admit(delivery, this.#now());
    if (verdict.kind === 'in-hand') return;
    if (verdict.kind === 'acked') {
      this.#ackDelivery(delivery);
      return;
    }
    this.#admitted += 1;
    const { entry } = verdict;
    if (verdict.kind === 'rewind') {
      const { partition, position } = entry.record;
      this.#options.logger.info({ partition, position, dropped: verdict.dropped.size }, 'the source went back');
      this.#runner.drop(verdict.dropped);
    }
    if (this.#isFilteredOut(entry.record)) {
      this.#counts.filtered += 1;
      this.#ack(entry);
      return;
    }
    this.#runner.add(entry);
  }

  /** A filter that fails keeps nothing from the function. */
  #isFilteredOut(record: SourceRecord): boolean {
    const { filter } = this.#options;
    try {
      return filter?.(record) === false;
    } catch (error) {
      this.#unexpected.note('filtering a record', error);
      return false;
    }
  }

  #finish(entry: Entry, decision: Decision, stored: boolean): void {
    if (decision.kind === 'give-up') {
      this.#counts.dropped += 1;
      const { id, partition, position, key } = entry.record;
      const fields = { id, partition, position, key, limit: decision.limit, attempts: entry.attempts };
      this.#options.logger.error(fields, 'a record was let go: its retry limit is reached and there is no dead letter');
    } else if (stored) {
      this.#counts.deadLettered += 1;
    } else {
      this.#counts.delivered += 1;
    }
    this.#ack(entry);
  }

  #ack(entry: Entry): void {
    this.#ackDelivery(entry.delivery);
    this.#window.acked(entry, this.#now());
  }

  #ackDelivery(delivery: Delivery): void {
    try {
      const result: unknown = delivery.ack();
      // A source that doesn't keep the contract: what it failed on later mustn't end the process.
      if (result instanceof Promise) result.catch((error) => this.#unexpected.note('acknowledging a record', error));
    } catch (error) {
      this.#unexpected.note('acknowledging a record', error);
    }
  }

  #lost(partitions: readonly string[]): void {
    for (const partition of partitions) this.#runner.abort(this.#window.forget(partition));
    this.#runner.run();
    this.#reader.noteRoom();
  }

  async #revoked(partitions: readonly string[]): Promise<void> {
    const revoked = new Set(partitions);
    const isRevoked = (entry: Entry) => revoked.has(entry.record.partition);
    this.#runner.giveBack(isRevoked);
    await this.#runner.ended(isRevoked);
    for (const partition of partitions) this.#runner.abort(this.#window.forget(partition));
    this.#reader.noteRoom();
  }

  async #stop(): Promise<void> {
    const { source, sink, deadLetter } = this.#options;
    this.#reading.abort(new Error('the pipeline stops'));
    await Promise.all([this.#runner.stop(this.#window), this.#readerEnded]);
    await this.#close('the source', source, CLOSING_SOURCE);
    await Promise.all([
      this.#close('the sink', sink, CLOSING_SINKS),
      deadLetter && this.#close('the dead letter', deadLetter, CLOSING_SINKS),
    ]);
  }

  /** What takes longer is left to end with the process. */
  async #close(what: string, closeable: { close(): Promise<void> }, most: number): Promise<void> {
    try {
      await within(most, closeable.close());
    } catch (error) {
      this.#unexpected.note(`closing ${what}`, error);
    }
  }
}
