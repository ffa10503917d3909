/** Lanes under failures in simulated time: a source that always has more, a function, and one processor for all calls. */
import type { DeliverySpec } from '../../../api/trigger.ts';
import type { Lane, LaneItem } from '../../../dispatcher/lane.ts';
import { Lanes } from '../../../dispatcher/lanes.ts';
import { MinHeap } from '../../../dispatcher/min-heap.ts';
import type { Outcome } from '../../../dispatcher/outcome.ts';
import { createRetryPolicy } from '../../../dispatcher/retry-policy.ts';

export interface LanesSimulationOptions {
  readonly delivery: DeliverySpec;
  /** Records go round over so many keys. */
  readonly keys: number;
  /** Calls a second that the process can make. */
  readonly cleanRate: number;
  /** How one attempt ends, and after how many milliseconds. */
  readonly answer: (random: () => number) => { readonly fails: boolean; readonly after: number };
  readonly random: () => number;
  /** Simulated milliseconds. */
  readonly warmUp: number;
  readonly duration: number;
}

interface Item extends LaneItem<Item> {
  attempts: number;
  firstAttemptAt: number;
}

type Event = { readonly at: number; readonly lane?: Lane<Item>; readonly fails?: boolean };

const FAILED: Outcome = { kind: 'retry', reason: 'ServiceUnavailable', message: 'The function answered 503' };

/** Delivered records a second. */
export function simulateLanes(options: LanesSimulationOptions): number {
  const { delivery, keys, cleanRate, answer, random, warmUp, duration } = options;
  const lanes = new Lanes<Item>(delivery.maxInFlight);
  const policy = createRetryPolicy(delivery.retry, random);
  const events = new MinHeap<Event>((a, b) => a.at - b.at);
  let [now, read, inHand, processorFreeAt, delivered] = [0, 0, 0, 0, 0];

  const start = () => {
    for (let lane = lanes.take(); lane !== undefined; lane = lanes.take()) {
      if (lane.head.attempts === 0) lane.head.firstAttemptAt = now;
      lane.head.attempts += 1;
      processorFreeAt = Math.max(now, processorFreeAt) + 1000 / cleanRate;
      const { fails, after } = answer(random);
      events.push({ at: processorFreeAt + after, lane, fails });
    }
  };
  const fill = () => {
    for (;;) {
      const room = Math.min(delivery.buffer.records - inHand, lanes.appetite, 64);
      if (room < 1) return;
      for (let i = 0; i < room; i++) {
        lanes.add(`k${read++ % keys}`, { next: undefined, attempts: 0, firstAttemptAt: 0 });
        inHand += 1;
      }
      start();
    }
  };
  const settle = (lane: Lane<Item>, fails: boolean) => {
    if (!fails) {
      inHand -= 1;
      if (now >= warmUp) delivered += 1;
      lanes.advance(lane);
      return;
    }
    const next = policy(lane.head.attempts, now - lane.head.firstAttemptAt, FAILED);
    if (!('delay' in next)) throw new Error('there is no limit');
    lanes.retry(lane, now + next.delay);
    events.push({ at: now + next.delay });
  };

  fill();
  for (let event = events.pop(); event !== undefined && event.at < warmUp + duration; event = events.pop()) {
    now = event.at;
    if (event.lane === undefined) lanes.wake(now);
    else settle(event.lane, event.fails ?? false);
    start();
    fill();
  }
  return (delivered / duration) * 1000;
}
