/**
 * One trigger at work: a source, a window, lanes and a sink, with no module-level state.
 *
 * ```
 *  read ─▶ admit ─┬─ in hand, acked ─▶ (nothing, ack again)
 *                 ├─ filtered out ───▶ ack
 *                 └─ new, rewind ────▶ lanes ─▶ attempt ─┬─ delivered ─────────────▶ ack
 *                                        ▲               ├─ retry ─▶ wait ─┐
 *                                        └───────────────┼─────────────────┘
 *                                                        └─ given up ─▶ dead letter, if any ─▶ ack
 * ```
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Trigger } from '../api/trigger.ts';
import type { Logger } from '../common/logger.ts';
import { finishBegun } from './begun-batches.ts';
import { type Call, CallDeadlines, DeadlineError } from './call-deadlines.ts';
import { createDecide, type Decide, type Decision } from './decision.ts';
import { type Lane, Lanes } from './lanes.ts';
import type { Outcome } from './outcome.ts';
import { type Blocked, blockedBy, PipelineCounts, type PipelineStatus } from './pipeline-status.ts';
import type { DeadLetterSink, Sink } from './sinks/sink.ts';
import { type Delivery, isOrdered, type Source, type SourceEvents, type SourceRecord } from './sources/source.ts';
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
  /** The attempt was to store the record in the dead letter. */
  readonly deadLetter: boolean;
}

export interface Pipeline {
  /** Connects and begins to deliver; resolves when the first connection stands. */
  start(): Promise<void>;
  /** Stops reading, waits for what runs (bounded by delivery.timeout), flushes acks and closes. Idempotent. */
  stop(): Promise<void>;
  status(): PipelineStatus;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  return new RunningPipeline(options);
}

/** The longest wait for calls that run when stopping; the pod's grace period is this and a little. */
export const MAX_STOP_WAIT = 300_000;
const TIMEOUT = 'Timeout';
const STOPPED = new Error('the pipeline stops');
const LOST = new Error('the partition is owned elsewhere');

class RunningPipeline implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #now: () => number;
  readonly #window: Window;
  readonly #lanes: Lanes<Entry>;
  readonly #calls: CallDeadlines<Lane<Entry>>;
  readonly #decide: Decide;
  readonly #counts = new PipelineCounts();
  readonly #reading = new AbortController();
  readonly #order: Trigger['delivery']['order'];
  #connected = false;
  #why: string | undefined;
  #reader: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #halted = false;
  #wakeTimer: NodeJS.Timeout | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  /** Resolve when there is room again, and when a call ended. */
  #onRoom: (() => void) | undefined;
  readonly #onCallEnd = new Set<() => void>();

  constructor(options: PipelineOptions) {
    const { delivery } = options.trigger;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#order = delivery.order;
    this.#window = new Window({
      ...delivery.buffer,
      ...(isOrdered(options.source) && { comparePositions: options.source.comparePositions }),
    });
    this.#lanes = new Lanes(delivery.maxInFlight);
    this.#calls = new CallDeadlines(delivery.timeout, this.#now);
    this.#decide = createDecide(delivery.retry, options.deadLetter !== undefined, options.random ?? Math.random);
  }

  async start(): Promise<void> {
    const events: SourceEvents = {
      revoked: (partitions) => this.#revoked(partitions),
      lost: (partitions) => this.#lost(partitions),
      state: (connected, why) => this.#noteState(connected, why),
    };
    const { signal } = this.#reading;
    try {
      await this.#options.source.connect(events, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (this.#options.trigger.paused || signal.aborted) return;
    this.#reader = this.#read();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  status(): PipelineStatus {
    const blocked = this.#blocked();
    return {
      connected: this.#connected,
      ...(this.#why !== undefined && { why: this.#why }),
      paused: this.#options.trigger.paused,
      records: this.#window.records,
      bytes: this.#window.bytes,
      running: this.#lanes.running,
      retrying: this.#lanes.retrying,
      ...(blocked && { blocked }),
      ...(this.#lanes.retrying > 0 && this.#counts.lastFailure && { lastFailure: this.#counts.lastFailure }),
      ...this.#counts.snapshot(),
    };
  }

  async #read(): Promise<void> {
    const { source, logger } = this.#options;
    const { signal } = this.#reading;
    while (!signal.aborted) {
      const room = this.#window.room();
      if (room === 0) {
        await this.#roomAgain();
        continue;
      }
      try {
        const deliveries = await source.read(room, signal);
        for (const delivery of deliveries) this.#admit(delivery);
        this.#pump();
      } catch (error) {
        if (signal.aborted) return;
        logger.error({ err: error }, 'reading from the source failed');
        await nextTurn();
      }
    }
  }

  async #roomAgain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
    // Lets calls that end in this turn of the event loop make room too, so that reads are few and large.
    await nextTurn();
  }

  #admit(delivery: Delivery): void {
    const now = this.#now();
    const verdict = this.#window.admit(delivery, now);
    if (verdict.kind === 'in-hand') return;
    if (verdict.kind === 'acked') {
      delivery.ack();
      return;
    }
    if (verdict.kind === 'rewind') {
      const { partition, position } = delivery.record;
      this.#options.logger.info({ partition, position, dropped: verdict.dropped.size }, 'the source went back');
      this.#drop(verdict.dropped);
    }
    const { entry } = verdict;
    if (this.#options.filter?.(entry.record) === false) {
      this.#counts.filtered += 1;
      this.#ack(entry);
      return;
    }
    this.#lanes.add(this.#laneKey(entry.record), entry);
  }

  /** Without order a lane is one record, so that a second arrival still never runs beside the first. */
  #laneKey({ partition, key, position }: SourceRecord): string {
    if (this.#order === 'none') return `${partition}\u0000${position}`;
    return this.#order === 'partition' || key === undefined ? partition : `${partition}\u0000${key}`;
  }

  #pump(): void {
    while (!this.#halted) {
      const lane = this.#lanes.take();
      if (lane === undefined) break;
      this.#attempt(lane);
    }
  }

  #attempt(lane: Lane<Entry>): void {
    const entry = lane.head;
    const call = this.#calls.begin(lane);
    entry.attempts += 1;
    if (entry.attempts === 1) entry.firstAttemptAt = call.startedAt;
    this.#send(entry, call.controller.signal).then(
      (outcome) => this.#settle(call, entry, outcome),
      (error: unknown) => this.#settle(call, entry, this.#outcomeOf(error)),
    );
  }

  async #send(entry: Entry, signal: AbortSignal): Promise<Outcome> {
    const { sink, deadLetter } = this.#options;
    if (entry.failure !== undefined && deadLetter !== undefined) {
      return deadLetter.store(entry.record, entry.failure, signal);
    }
    const [outcome] = await sink.send([entry.record], signal);
    return outcome ?? { kind: 'retry', reason: 'NoOutcome', message: 'the sink gave no outcome' };
  }

  #outcomeOf(error: unknown): Outcome {
    if (error instanceof DeadlineError) return { kind: 'retry', reason: TIMEOUT, message: error.message };
    if (error !== STOPPED && error !== LOST) this.#options.logger.error({ err: error }, 'the sink failed unexpectedly');
    return { kind: 'retry', reason: 'Aborted', message: 'the call was aborted' };
  }

  #settle(call: Call<Lane<Entry>>, entry: Entry, outcome: Outcome): void {
    const now = this.#now();
    this.#calls.end(call);
    if (entry.dropped) {
      this.#window.released(entry);
      this.#lanes.advance(call.item);
    } else {
      this.#apply(call, entry, outcome, now);
    }
    this.#pump();
    this.#noteRoom();
    for (const ended of this.#onCallEnd) ended();
  }

  #apply({ item: lane, startedAt }: Call<Lane<Entry>>, entry: Entry, outcome: Outcome, now: number): void {
    const timedOut = outcome.kind === 'retry' && outcome.reason === TIMEOUT;
    const storing = entry.failure !== undefined;
    const decision = this.#decide(entry, outcome, now);
    if (outcome.kind !== 'delivered') this.#counts.failed(outcome);
    if (decision.kind === 'wait') {
      this.#wait(lane, now + decision.delay, timedOut);
    } else if (decision.kind === 'dead-letter') {
      entry.failure = decision.failure;
      this.#wait(lane, now, timedOut);
    } else {
      this.#finish(entry, decision, storing);
      this.#lanes.advance(lane, timedOut);
    }
    this.#options.onAttempt?.({
      record: entry.record,
      outcome,
      attempt: entry.attempts,
      took: now - startedAt,
      deadLetter: storing,
      ...(decision.kind === 'wait' && { retryIn: decision.delay }),
    });
  }

  #noteRoom(): void {
    if (this.#onRoom === undefined || this.#window.room() === 0) return;
    this.#onRoom();
    this.#onRoom = undefined;
  }

  #finish(entry: Entry, decision: Decision, stored: boolean): void {
    const { record } = entry;
    if (decision.kind === 'give-up') {
      this.#counts.dropped += 1;
      const { partition, position, key } = record;
      const fields = { id: record.id, partition, position, key, limit: decision.limit, attempts: entry.attempts };
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

  #wait(lane: Lane<Entry>, until: number, timedOut: boolean): void {
    this.#lanes.retry(lane, until, timedOut);
    this.#wakeBy(until);
  }

  #wakeBy(time: number): void {
    if (time >= this.#wakeAt || this.#halted) return;
    clearTimeout(this.#wakeTimer);
    this.#wakeAt = time;
    this.#wakeTimer = setTimeout(() => this.#wake(), Math.max(0, Math.ceil(time - this.#now())));
  }

  #wake(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const next = this.#lanes.wake(this.#now());
    this.#pump();
    if (next !== undefined) this.#wakeBy(next);
  }

  #noteState(connected: boolean, why: string | undefined): void {
    if (connected !== this.#connected || why !== this.#why) {
      if (connected) this.#options.logger.info('connected to the source');
      else this.#options.logger.warn({ why }, 'not connected to the source');
    }
    this.#connected = connected;
    this.#why = connected ? undefined : why;
  }

  /** Takes entries out of the lanes; those that run end by themselves and are then released. */
  #drop(entries: ReadonlySet<Entry>): void {
    const running = new Set(this.#calls.items().map((lane) => lane.head));
    this.#lanes.drop((entry) => entries.has(entry));
    for (const entry of entries) if (!running.has(entry)) this.#window.released(entry);
  }

  #lost(partitions: readonly string[]): void {
    for (const partition of partitions) {
      const entries = this.#window.forget(partition);
      this.#drop(entries);
      this.#calls.abort(LOST, (lane) => entries.has(lane.head));
    }
    this.#pump();
    this.#noteRoom();
  }

  async #revoked(partitions: readonly string[]): Promise<void> {
    const revoked = new Set(partitions);
    const running = () => this.#calls.items().some((lane) => revoked.has(lane.head.record.partition));
    const waiting = (entry: Entry) => revoked.has(entry.record.partition);
    this.#giveBack(waiting);
    await this.#callsEnded(running, this.#stopWait());
    for (const partition of partitions) this.#drop(this.#window.forget(partition));
    this.#noteRoom();
  }

  /** Drops what doesn't run yet; it isn't acked, so the broker hands it over again. */
  #giveBack(which: (entry: Entry) => boolean): void {
    const dropped = new Set<Entry>();
    this.#lanes.drop((entry) => {
      if (!which(entry)) return false;
      dropped.add(entry);
      return true;
    });
    for (const entry of dropped) {
      entry.dropped = true;
      this.#window.released(entry);
    }
  }

  async #stop(): Promise<void> {
    const { source, sink, deadLetter, logger } = this.#options;
    this.#reading.abort(STOPPED);
    this.#onRoom?.();
    await this.#reader;
    const begun = finishBegun(this.#lanes, this.#window);
    this.#giveBack((entry) => !begun.has(entry));
    await this.#callsEnded(() => this.#lanes.running > 0, this.#stopWait());
    this.#halted = true;
    clearTimeout(this.#wakeTimer);
    if (this.#calls.size > 0) {
      logger.warn(
        { running: this.#calls.size },
        'calls still ran at the end of the grace period; their records come again',
      );
      this.#calls.abort(STOPPED);
      await this.#callsEnded(() => this.#calls.size > 0, 1_000);
    }
    this.#calls.close();
    await source.close();
    await Promise.all([sink.close(), deadLetter?.close()]);
  }

  #stopWait(): number {
    return Math.min(this.#options.trigger.delivery.timeout, MAX_STOP_WAIT);
  }

  /** Resolves when `running` says no, or after `most` milliseconds. */
  async #callsEnded(running: () => boolean, most: number): Promise<void> {
    if (!running()) return;
    await new Promise<void>((resolve) => {
      const check = () => {
        if (running()) return;
        end();
      };
      const end = () => {
        clearTimeout(timer);
        this.#onCallEnd.delete(check);
        resolve();
      };
      const timer = setTimeout(end, most);
      this.#onCallEnd.add(check);
    });
  }

  #blocked(): Blocked | undefined {
    const allRetrying = this.#lanes.size > 0 && this.#lanes.retrying === this.#lanes.size;
    return allRetrying && this.#window.room() === 0 ? blockedBy(this.#lanes.values(), this.#now()) : undefined;
  }
}
