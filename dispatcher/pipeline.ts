/**
 * One trigger at work: a source, a window, lanes and a sink, with no module-level state.
 *
 * ```
 *  read ─▶ admit ─┬─ in hand, or acked just now ─▶ (nothing, or ack again)
 *                 ├─ filtered out ───────────────▶ ack
 *                 └─ new, or a rewind ───────────▶ lanes ─▶ attempts ─▶ ack
 * ```
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DisconnectReason } from '../api/dispatcher-status.ts';
import type { Trigger } from '../api/trigger.ts';
import type { Logger } from '../common/logger.ts';
import type { Decision } from './decision.ts';
import { type Attempt, LaneRunner } from './lane-runner.ts';
import { PipelineCounts, type PipelineStatus } from './pipeline-status.ts';
import type { DeadLetterSink, Sink } from './sinks/sink.ts';
import { type Delivery, isOrdered, type Source, type SourceEvents, type SourceRecord } from './sources/source.ts';
import { type Entry, Window } from './window.ts';

export type { Attempt } from './lane-runner.ts';

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

export function createPipeline(options: PipelineOptions): Pipeline {
  return new RunningPipeline(options);
}

class RunningPipeline implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #now: () => number;
  readonly #window: Window;
  readonly #runner: LaneRunner;
  readonly #counts = new PipelineCounts();
  readonly #reading = new AbortController();
  #connected = false;
  #why: string | undefined;
  #reason: DisconnectReason | undefined;
  #reader: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #waiting = false;
  #admitted = 0;
  /** Set while the reader waits for room. */
  #onRoom: (() => void) | undefined;

  constructor(options: PipelineOptions) {
    const { trigger, source, sink, deadLetter, logger, onAttempt } = options;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#window = new Window({
      ...trigger.delivery.buffer,
      ...(isOrdered(source) && { comparePositions: source.comparePositions }),
    });
    this.#runner = new LaneRunner({
      delivery: trigger.delivery,
      sink,
      ...(deadLetter && { deadLetter }),
      logger,
      now: this.#now,
      random: options.random ?? Math.random,
      onDone: (entry, decision, stored) => this.#finish(entry, decision, stored),
      onReleased: (entry) => this.#window.released(entry),
      onAttempt: (attempt) => {
        if (attempt.outcome.kind !== 'delivered') this.#counts.failed(attempt.outcome);
        onAttempt?.(attempt);
      },
      onCallEnd: () => this.#noteRoom(),
    });
  }

  async start(): Promise<void> {
    const events: SourceEvents = {
      revoked: (partitions) => this.#revoked(partitions),
      lost: (partitions) => this.#lost(partitions),
      state: (connected, why, reason) => this.#noteState(connected, why, reason),
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
    this.#reader = this.#read();
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
      connected: this.#connected,
      ...(this.#why !== undefined && { why: this.#why }),
      ...(this.#reason !== undefined && { reason: this.#reason }),
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
      connected: this.#connected,
      paused: this.#options.trigger.paused,
      wanting: this.#waiting && !this.#runner.isAtLimit,
      admitted: this.#admitted,
      records: this.#window.records,
      isInHand: (partition, matches) => this.#window.isInHand(partition, matches),
    };
  }

  #isUnkeyedSerial(): boolean {
    // Full but for what the last calls made room for: the source gives more than the lanes get rid of.
    const isFull = this.#window.room() < this.#options.trigger.delivery.buffer.records / 10;
    return isFull && this.#runner.isUnkeyedSerial();
  }

  async #read(): Promise<void> {
    const { source, logger } = this.#options;
    const { signal } = this.#reading;
    while (!signal.aborted) {
      const room = this.#room();
      if (room === 0) {
        await this.#roomAgain();
        continue;
      }
      try {
        this.#waiting = true;
        const deliveries = await source.read(room, signal);
        this.#waiting = false;
        for (const delivery of deliveries) this.#admit(delivery);
        this.#runner.run();
      } catch (error) {
        if (signal.aborted) return;
        logger.error({ err: error }, 'reading from the source failed');
        await nextTurn();
      }
    }
  }

  /** How many records to read now. */
  #room(): number {
    return Math.max(0, Math.min(this.#window.room(), this.#runner.appetite));
  }

  async #roomAgain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
    // Lets calls that end in this turn of the event loop make room too, so that reads are few and large.
    await nextTurn();
  }

  #noteRoom(): void {
    if (this.#onRoom === undefined || this.#room() === 0) return;
    this.#onRoom();
    this.#onRoom = undefined;
  }

  #admit(delivery: Delivery): void {
    const verdict = this.#window.admit(delivery, this.#now());
    if (verdict.kind === 'in-hand') return;
    if (verdict.kind === 'acked') {
      delivery.ack();
      return;
    }
    this.#admitted += 1;
    const { entry } = verdict;
    if (verdict.kind === 'rewind') {
      const { partition, position } = entry.record;
      this.#options.logger.info({ partition, position, dropped: verdict.dropped.size }, 'the source went back');
      this.#runner.drop(verdict.dropped);
    }
    if (this.#options.filter?.(entry.record) === false) {
      this.#counts.filtered += 1;
      this.#ack(entry);
      return;
    }
    this.#runner.add(entry);
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
    entry.delivery.ack();
    this.#window.acked(entry, this.#now());
  }

  #noteState(connected: boolean, why: string | undefined, reason: DisconnectReason | undefined): void {
    if (connected !== this.#connected || why !== this.#why) {
      if (connected) this.#options.logger.info('connected to the source');
      else this.#options.logger.warn({ why }, 'not connected to the source');
    }
    this.#connected = connected;
    this.#why = connected ? undefined : why;
    this.#reason = connected ? undefined : reason;
  }

  #lost(partitions: readonly string[]): void {
    for (const partition of partitions) this.#runner.abort(this.#window.forget(partition));
    this.#runner.run();
    this.#noteRoom();
  }

  async #revoked(partitions: readonly string[]): Promise<void> {
    const revoked = new Set(partitions);
    const isRevoked = (entry: Entry) => revoked.has(entry.record.partition);
    this.#runner.giveBack(isRevoked);
    await this.#runner.ended(isRevoked);
    for (const partition of partitions) this.#runner.abort(this.#window.forget(partition));
    this.#noteRoom();
  }

  async #stop(): Promise<void> {
    const { source, sink, deadLetter } = this.#options;
    this.#reading.abort(new Error('the pipeline stops'));
    this.#onRoom?.();
    await Promise.all([this.#runner.stop(this.#window), this.#reader]);
    await source.close();
    await Promise.all([sink.close(), deadLetter?.close()]);
  }
}
