/**
 * The highest rate that order per key, slots and retry pauses allow under transient failures: a discrete-event simulation.
 *
 * ```
 *          ┌──────────── delivered: the next record of the key ─────────────┐
 *          ▼                                                                │
 *  ready ──slot──▶ processor (one call after another, 1/cleanRate each) ──▶ function ──▶ failed ──pause──▶ ready
 * ```
 * Modelled: a key has one call at a time, and none while it pauses; calls hold a slot from their place in the queue for the
 * processor to their answer; attempts after the first hold at most half of the slots; who became ready first is first. Not
 * modelled: a buffer with bounds. Each key always has a next record, so that the order in which the source hands records
 * over doesn't matter, and a record that fails holds up only those of its key. A reset costs no new connection, and time-outs
 * are none: `delivery.timeout` is longer than any hang.
 */
import type { RetrySpec } from '../api/trigger.ts';
import { MinHeap } from '../dispatcher/min-heap.ts';
import type { Outcome } from '../dispatcher/outcome.ts';
import { createRetryPolicy } from '../dispatcher/retry-policy.ts';
import type { Fault } from './fault-plan.ts';

export interface FaultSimulationOptions {
  readonly keys: number;
  readonly maxInFlight: number;
  readonly retry: RetrySpec;
  /** Calls a second that the process can make: measured without failures, with all slots busy. */
  readonly cleanRate: number;
  /** Milliseconds that the function takes for an answer; 0 by default. */
  readonly latency?: number;
  /** Milliseconds that a `hang` takes besides. */
  readonly hang: number;
  /** What happens to an attempt; 1 is a record's first. */
  readonly fault: (attempt: number) => Fault | undefined;
  /** For the jitter of pauses: 0 ≤ x < 1. */
  readonly random: () => number;
  /** Simulated milliseconds before the rate is counted, and of counting. */
  readonly warmUp: number;
  readonly duration: number;
}

/** Delivered records a second. Pure, given `fault` and `random`. */
export function simulateFaults(options: FaultSimulationOptions): number {
  const simulation = new Simulation(options);
  simulation.runUntil(options.warmUp);
  const before = simulation.delivered;
  simulation.runUntil(options.warmUp + options.duration);
  return ((simulation.delivered - before) / options.duration) * 1000;
}

interface Key {
  /** Attempts of its record that began. */
  attempts: number;
  firstAttemptAt: number;
  /** When it became ready; equal times are told apart by `turn`. */
  turn: number;
}

interface Event {
  readonly at: number;
  readonly key: Key;
  readonly type: 'delivered' | 'failed' | 'pause over';
}

const FAILED: Outcome = { kind: 'retry', reason: 'ServiceUnavailable', message: 'The function answered 503' };

class Simulation {
  delivered = 0;
  readonly #options: FaultSimulationOptions;
  readonly #policy: ReturnType<typeof createRetryPolicy>;
  /** Milliseconds of processor that a call takes. */
  readonly #cost: number;
  readonly #maxRetries: number;
  readonly #events = new MinHeap<Event>((a, b) => a.at - b.at);
  readonly #fresh = new MinHeap<Key>((a, b) => a.turn - b.turn);
  readonly #retries = new MinHeap<Key>((a, b) => a.turn - b.turn);
  #running = 0;
  #runningRetries = 0;
  #turn = 0;
  #now = 0;
  #processorFreeAt = 0;

  constructor(options: FaultSimulationOptions) {
    this.#options = options;
    this.#policy = createRetryPolicy(options.retry, options.random);
    this.#cost = 1000 / options.cleanRate;
    this.#maxRetries = Math.max(1, Math.floor(options.maxInFlight / 2));
    for (let i = 0; i < options.keys; i += 1) this.#makeReady({ attempts: 0, firstAttemptAt: 0, turn: 0 });
    this.#startCalls();
  }

  /** Everything that happens before this time. */
  runUntil(time: number): void {
    for (let event = this.#events.peek(); event !== undefined && event.at < time; event = this.#events.peek()) {
      this.#events.pop();
      this.#now = event.at;
      this.#happen(event);
      this.#startCalls();
    }
  }

  #happen({ type, key }: Event): void {
    if (type === 'pause over') {
      this.#makeReady(key);
      return;
    }
    this.#running -= 1;
    if (key.attempts > 1) this.#runningRetries -= 1;
    if (type === 'delivered') {
      this.delivered += 1;
      this.#nextRecord(key);
      return;
    }
    const next = this.#policy(key.attempts, this.#now - key.firstAttemptAt, FAILED);
    if ('delay' in next) this.#events.push({ at: this.#now + next.delay, key, type: 'pause over' });
    else this.#nextRecord(key);
  }

  #nextRecord(key: Key): void {
    key.attempts = 0;
    this.#makeReady(key);
  }

  #makeReady(key: Key): void {
    key.turn = this.#turn++;
    (key.attempts === 0 ? this.#fresh : this.#retries).push(key);
  }

  #startCalls(): void {
    while (this.#running < this.#options.maxInFlight) {
      const fresh = this.#fresh.peek();
      const retry = this.#runningRetries < this.#maxRetries ? this.#retries.peek() : undefined;
      if (fresh !== undefined && (retry === undefined || fresh.turn < retry.turn)) {
        this.#fresh.pop();
        fresh.firstAttemptAt = this.#now;
        this.#call(fresh);
      } else if (retry !== undefined) {
        this.#retries.pop();
        this.#runningRetries += 1;
        this.#call(retry);
      } else {
        return;
      }
    }
  }

  #call(key: Key): void {
    const { latency = 0, hang, fault } = this.#options;
    this.#running += 1;
    key.attempts += 1;
    this.#processorFreeAt = Math.max(this.#now, this.#processorFreeAt) + this.#cost;
    const drawn = fault(key.attempts);
    const at = this.#processorFreeAt + latency + (drawn === 'hang' ? hang : 0);
    this.#events.push({ at, key, type: drawn === undefined ? 'delivered' : 'failed' });
  }
}
