/**
 * Runs what the lanes let run: attempts, their time-outs, and the pause before the next one.
 *
 * ```
 *  add ─▶ lanes ─▶ attempt ─┬─ delivered ───────────────────────▶ done
 *           ▲               ├─ retry ─▶ wait ─┐
 *           └───────────────┼─────────────────┘
 *                           └─ given up ─▶ dead letter, if any ─▶ done
 * ```
 */
import type { DeliverySpec } from '../api/trigger.ts';
import type { Logger } from '../common/logger.ts';
import { ABORTING, waitForCalls } from '../common/stop-times.ts';
import type { Attempt } from './attempt.ts';
import { finishBegun } from './begun-batches.ts';
import { type Call, CallDeadlines, DeadlineError } from './call-deadlines.ts';
import { CallEnds } from './call-ends.ts';
import { Concurrency } from './concurrency.ts';
import { createDecide, type Decide, type Decision } from './decision.ts';
import type { Lane } from './lane.ts';
import { laneKey } from './lane-key.ts';
import { Lanes } from './lanes.ts';
import type { Outcome } from './outcome.ts';
import { type Blocked, blockedBy, isMostlyUnkeyed } from './pipeline-status.ts';
import { firstOutcome, sinkFailure } from './sink-answer.ts';
import type { DeadLetterSink, Sink } from './sinks/sink.ts';
import { SlowCalls } from './slow-calls.ts';
import type { UnexpectedFailures } from './unexpected.ts';
import { WakeTimer } from './wake-timer.ts';
import type { Entry, Window } from './window.ts';

export interface LaneRunnerOptions {
  readonly delivery: DeliverySpec;
  readonly sink: Sink;
  readonly deadLetter?: DeadLetterSink;
  readonly logger: Logger;
  readonly unexpected: UnexpectedFailures;
  readonly now: () => number;
  readonly random: () => number;
  /** The entry is dealt with: delivered, stored (`deadLetter`), or let go at a limit. */
  readonly onDone: (entry: Entry, decision: Decision, deadLetter: boolean) => void;
  /** The call of an entry that was dropped meanwhile has ended, or it was dropped before it ran. */
  readonly onReleased: (entry: Entry) => void;
  readonly onAttempt: (attempt: Attempt) => void;
  /** After each call, when everything that follows from it is done. */
  readonly onCallEnd: () => void;
}

const TIMEOUT = 'Timeout';
/** The reasons of aborts that are nobody's fault. */
const STOPPED = new Error('the pipeline stops');
const LOST = new Error('the partition is owned elsewhere');

export class LaneRunner {
  readonly #options: LaneRunnerOptions;
  readonly #lanes: Lanes<Entry>;
  readonly #calls: CallDeadlines<Lane<Entry>, readonly Outcome[]>;
  readonly #concurrency: Concurrency;
  readonly #decide: Decide;
  readonly #waking: WakeTimer;
  readonly #slowCalls = new SlowCalls((age) => this.#holdUpSlow(age));
  readonly #callEnds = new CallEnds();
  #stopping = false;
  #halted = false;

  constructor(options: LaneRunnerOptions) {
    const { delivery, deadLetter, now, random } = options;
    this.#options = options;
    this.#lanes = new Lanes(delivery.maxInFlight);
    this.#calls = new CallDeadlines(delivery.timeout, now, {
      fulfilled: (call, outcomes) => this.#settle(call, firstOutcome(outcomes)),
      rejected: (call, error) => this.#settle(call, this.#outcomeOf(call.signal, error)),
    });
    this.#concurrency = new Concurrency({
      maxInFlight: delivery.maxInFlight,
      onChange: (limit) => this.#limit(limit),
      isReached: () => this.#lanes.isAtLimit,
    });
    this.#waking = new WakeTimer(now, (time) => {
      const next = this.#lanes.wake(time);
      this.run();
      return next;
    });
    this.#decide = createDecide(delivery.retry, deadLetter !== undefined, random);
  }

  get running(): number {
    return this.#lanes.running;
  }

  /** How many entries may wait whose keys are well. */
  get lookAhead(): number {
    return this.#lanes.lookAhead;
  }

  /** How many more entries are of use now; less than 1: none. */
  get appetite(): number {
    return this.#lanes.appetite;
  }

  /** Entries that wait although their keys are well. */
  get waiting(): number {
    return this.#lanes.waiting;
  }

  /** Whether as many calls run as may. */
  get isAtLimit(): boolean {
    return this.#lanes.isAtLimit;
  }

  get retrying(): number {
    return this.#lanes.retrying;
  }

  /** The key that holds everything up; undefined while some key is healthy. */
  blocked(): Blocked | undefined {
    const allRetrying = this.#lanes.size > 0 && this.#lanes.retrying === this.#lanes.size;
    return allRetrying ? blockedBy(this.#lanes.values(), this.#options.now()) : undefined;
  }

  /** Whether slots stay free while records without a key wait for one another. */
  isUnkeyedSerial(): boolean {
    const { order, maxInFlight } = this.#options.delivery;
    return order === 'key' && this.#lanes.running * 2 <= maxInFlight && isMostlyUnkeyed(this.#lanes.values());
  }

  /** Begins to adapt how many calls run to what the process can do. */
  start(): void {
    this.#concurrency.start();
    this.#slowCalls.start();
  }

  /** Queues an entry; `run` starts it. After `stop` it is given back at once. */
  add(entry: Entry): void {
    if (this.#stopping) {
      entry.dropped = true;
      this.#options.onReleased(entry);
      return;
    }
    this.#lanes.add(laneKey(entry.record, this.#options.delivery.order), entry);
  }

  /** Starts what may run. */
  run(): void {
    while (!this.#halted) {
      const lane = this.#lanes.take();
      if (lane === undefined) break;
      this.#attempt(lane);
    }
  }

  /** Takes out what doesn't run; what runs ends by itself. All are marked as dropped and released when nothing holds them. */
  drop(entries: ReadonlySet<Entry>): void {
    const running = new Set(this.#calls.items().map((lane) => lane.head));
    this.#lanes.drop((entry) => entries.has(entry));
    for (const entry of entries) {
      entry.dropped = true;
      if (!running.has(entry)) this.#options.onReleased(entry);
    }
  }

  /** As `drop`, and aborts what runs. */
  abort(entries: ReadonlySet<Entry>): void {
    this.drop(entries);
    this.#calls.abort(LOST, (lane) => entries.has(lane.head));
  }

  /** Resolves when no call runs whose entry is one of these, or after the time-out of calls. */
  async ended(which: (entry: Entry) => boolean): Promise<void> {
    await this.#callEnds.until(() => this.#calls.items().some((lane) => which(lane.head)), this.#stopWait());
  }

  /** Drops what doesn't run yet: it isn't acked, so the broker hands it over again. */
  giveBack(which: (entry: Entry) => boolean): void {
    const held = new Set<Entry>();
    this.#lanes.drop((entry) => {
      if (!which(entry)) return false;
      held.add(entry);
      return true;
    });
    for (const entry of held) {
      entry.dropped = true;
      this.#options.onReleased(entry);
    }
  }

  /** Waits for what runs and for the rest of producer batches that were begun; then runs nothing more. */
  async stop(window: Window): Promise<void> {
    this.#stopping = true;
    const begun = finishBegun(this.#lanes, window);
    this.giveBack((entry) => !begun.has(entry));
    await this.#callEnds.until(() => this.#lanes.running > 0, this.#stopWait());
    this.#halted = true;
    this.#concurrency.stop();
    this.#slowCalls.stop();
    this.#waking.stop();
    if (this.#calls.size > 0) {
      const { logger } = this.#options;
      logger.warn({ running: this.#calls.size }, 'calls ran longer than the stop may take; their records come again');
      this.#calls.abort(STOPPED);
      await this.#callEnds.until(() => this.#calls.size > 0, ABORTING);
    }
    this.#calls.close();
  }

  #holdUpSlow(age: number): void {
    const slow = this.#calls.itemsSince(this.#options.now() - age);
    // Whoever waits for room finds some now.
    if (slow.filter((lane) => this.#lanes.holdUp(lane)).length > 0) this.#options.onCallEnd();
  }

  #limit(limit: number): void {
    this.#lanes.limit = limit;
    this.run();
    // Whoever waits for room may find some now.
    this.#options.onCallEnd();
  }

  #attempt(lane: Lane<Entry>): void {
    const entry = lane.head;
    const call = this.#calls.begin(lane);
    entry.attempts += 1;
    if (entry.attempts === 1) entry.firstAttemptAt = call.startedAt;
    try {
      this.#calls.settles(call, this.#send(entry, call.signal));
    } catch (error) {
      // Settled in a turn of its own, like every other call.
      this.#calls.settles(call, Promise.reject(error));
    }
  }

  #send(entry: Entry, signal: AbortSignal): Promise<readonly Outcome[]> {
    const { sink, deadLetter } = this.#options;
    if (entry.failure === undefined || deadLetter === undefined) return sink.send([entry.record], signal);
    return deadLetter.store(entry.record, entry.failure, signal).then((outcome) => [outcome]);
  }

  /** Of a call that rejected. What was aborted needn't reject with the reason of the abort: clients have errors of their own. */
  #outcomeOf({ aborted, reason }: AbortSignal, error: unknown): Outcome {
    if (!aborted) {
      this.#options.unexpected.note('sending a record', error);
      return sinkFailure(error);
    }
    if (reason instanceof DeadlineError) return { kind: 'retry', reason: TIMEOUT, message: reason.message };
    return { kind: 'retry', reason: 'Aborted', message: 'the call was aborted' };
  }

  #settle(call: Call<Lane<Entry>>, outcome: Outcome): void {
    const { item: lane, startedAt } = call;
    // A lane's head stays while it runs.
    const entry = lane.head;
    this.#calls.end(call);
    if (entry.dropped) {
      this.#options.onReleased(entry);
      this.#lanes.advance(lane);
    } else {
      this.#apply(lane, startedAt, entry, outcome);
    }
    this.run();
    this.#options.onCallEnd();
    this.#callEnds.note();
  }

  #apply(lane: Lane<Entry>, startedAt: number, entry: Entry, outcome: Outcome): void {
    const now = this.#options.now();
    const { record, attempts } = entry;
    const timedOut = outcome.kind === 'retry' && outcome.reason === TIMEOUT;
    const deadLetter = entry.failure !== undefined;
    const decision = this.#decide(entry, outcome, now);
    if (decision.kind === 'wait') {
      this.#wait(lane, now + decision.delay, timedOut);
    } else if (decision.kind === 'dead-letter') {
      entry.failure = decision.failure;
      this.#wait(lane, now, timedOut);
    } else {
      this.#options.onDone(entry, decision, deadLetter);
      this.#lanes.advance(lane, timedOut);
    }
    const took = now - startedAt;
    this.#slowCalls.note(took);
    const attempt = { record, outcome, attempt: attempts, took, deadLetter };
    this.#options.onAttempt(decision.kind === 'wait' ? { ...attempt, retryIn: decision.delay } : attempt);
  }

  #wait(lane: Lane<Entry>, until: number, timedOut: boolean): void {
    this.#lanes.retry(lane, until, timedOut);
    this.#waking.by(until);
  }

  #stopWait(): number {
    return waitForCalls(this.#options.delivery.timeout);
  }
}
