/**
 * The measured process of isolation: slices of load that take turns with those of another process, whose keys are never in
 * trouble; then recovery until nothing is in hand. It says `turn` before each slice and waits; the answer `end` ends them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Blocked } from '../dispatcher/pipeline-status.ts';
import { createEngine } from './engine.ts';
import { measure } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger } from './trigger.ts';
import type { Stretch } from './turns.ts';

export interface IsolationParameters {
  readonly url: string;
  readonly prefix: string;
  readonly keys: number;
  /** The keys in trouble are the first so many; in the process without trouble they aren't counted either. */
  readonly troubled: number;
  readonly payload: number;
  readonly buffer: { readonly records: number; readonly bytes: number };
  readonly timeout: number;
  /** Begin to count the healthy keys at the first time-out instead of at the beginning of the trouble. */
  readonly fromTimeout: boolean;
  /** Milliseconds of load in the first turn, which isn't measured; before each slice; and of a slice. */
  readonly warmUp: number;
  readonly settle: number;
  readonly slice: number;
}

export interface IsolationResult {
  /** Of the healthy keys; the last slice ends when the buffer is full. */
  readonly slices: readonly Stretch[];
  /** Milliseconds of load from the beginning of the trouble until the buffer was full of waiting records. */
  readonly timeToFull?: number;
  readonly blocked?: Blocked;
  /** The position that must block: the first one of the first key that wasn't acknowledged. */
  readonly firstTroubled: string;
  /** Milliseconds from the recovery until nothing was in hand. */
  readonly drained: number;
  readonly handedOver: number;
  readonly acknowledged: number;
}

const STEP = 20;
const DRAIN_LIMIT = 120_000;

measure(async (parameters: IsolationParameters, tell): Promise<IsolationResult> => {
  const { url, prefix, keys, troubled, payload, buffer, timeout, warmUp, settle, slice } = parameters;
  let healthy = 0;
  let healthyRead = 0;
  const lastAcked = new Map<number, number>();
  const source = new MemorySource({
    prefix,
    keys,
    payload,
    onRead: (number) => {
      if (number % keys >= troubled) healthyRead += 1;
    },
    onAck: (number) => {
      const key = number % keys;
      if (key >= troubled) healthy += 1;
      lastAcked.set(key, number);
    },
  });
  const retry = { policy: 'exponential', initialDelay: 200, maxDelay: 1000, step: 5000, jitter: 0.2 } as const;
  const trigger = benchTrigger(url, { maxInFlight: 32, buffer, timeout, retry });
  let timedOut = false;
  const pipeline = createEngine(trigger, source, ({ outcome }) => {
    if (outcome.kind === 'retry' && outcome.reason === 'Timeout') timedOut = true;
  });
  source.hold(true);
  await pipeline.start();
  const slices: Stretch[] = [];
  let loaded = 0;
  let blocked: Blocked | undefined;
  for (let turn = 0; (await tell('turn')) !== 'end'; turn += 1) {
    source.hold(false);
    const began = performance.now();
    if (turn === 0) {
      await pause(warmUp);
    } else {
      await load(settle);
      while (parameters.fromTimeout && !timedOut) await pause(1);
      slices.push(await load(slice));
      loaded += performance.now() - began;
      ({ blocked } = pipeline.status());
    }
    source.hold(true);
    while (healthy < healthyRead) await pause(1);
    if (blocked !== undefined) await tell('full');
  }
  const firstTroubled = String((lastAcked.get(0) ?? -keys) + keys);

  await tell('recovery');
  const recovery = performance.now();
  while (source.acknowledged < source.handedOver && performance.now() - recovery < DRAIN_LIMIT) await pause(STEP);
  const drained = performance.now() - recovery;
  const { handedOver, acknowledged } = source;
  await pipeline.stop();
  return {
    slices,
    ...(blocked && { blocked, timeToFull: loaded }),
    firstTroubled,
    drained,
    handedOver,
    acknowledged,
  };

  /** Lets it run for so many milliseconds, or until the buffer is full. */
  async function load(duration: number): Promise<Stretch> {
    const before = healthy;
    const start = performance.now();
    while (performance.now() - start < duration && pipeline.status().blocked === undefined) await pause(STEP);
    return { records: healthy - before, seconds: (performance.now() - start) / 1000 };
  }
});
