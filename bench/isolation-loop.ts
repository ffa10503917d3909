/** The measured process of isolation: a clean stretch, one with keys in trouble, then recovery until nothing is in hand. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Blocked } from '../dispatcher/pipeline-status.ts';
import { createEngine } from './engine.ts';
import { measure } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger } from './trigger.ts';

export interface IsolationParameters {
  readonly url: string;
  readonly keys: number;
  /** The keys in trouble are `key-0` up to this many. */
  readonly troubled: number;
  readonly payload: number;
  readonly buffer: { readonly records: number; readonly bytes: number };
  readonly timeout: number;
  /** Begin to count the healthy keys at the first time-out instead of at the beginning of the trouble. */
  readonly fromTimeout: boolean;
  /** Milliseconds of the clean stretch, and at most of the troubled one, which also ends when the buffer is full. */
  readonly clean: number;
  readonly trouble: number;
}

export interface IsolationResult {
  /** Records a second of the healthy keys. */
  readonly cleanRate: number;
  readonly troubledRate: number;
  /** Milliseconds from the beginning of the trouble until the buffer was full of waiting records. */
  readonly timeToFull?: number;
  readonly blocked?: Blocked;
  /** The position that must block: the first one of `key-0` that wasn't acknowledged. */
  readonly firstTroubled: string;
  /** Milliseconds from the recovery until nothing was in hand. */
  readonly drained: number;
  readonly handedOver: number;
  readonly acknowledged: number;
}

const STEP = 20;
const DRAIN_LIMIT = 120_000;

measure(async (parameters: IsolationParameters, tell): Promise<IsolationResult> => {
  const { url, keys, troubled, payload, buffer, timeout } = parameters;
  let healthy = 0;
  const lastAcked = new Map<number, number>();
  const source = new MemorySource({
    keys,
    payload,
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
  await pipeline.start();
  await pause(1500);
  const cleanRate = await rateOver(parameters.clean, () => false);

  await tell('trouble');
  const began = performance.now();
  while (parameters.fromTimeout && !timedOut) await pause(1);
  const troubledRate = await rateOver(parameters.trouble, () => pipeline.status().blocked !== undefined);
  const { blocked } = pipeline.status();
  const timeToFull = blocked && performance.now() - began;
  const firstTroubled = String((lastAcked.get(0) ?? -keys) + keys);

  await tell('recovery');
  const recovery = performance.now();
  source.hold(true);
  while (source.acknowledged < source.handedOver && performance.now() - recovery < DRAIN_LIMIT) await pause(STEP);
  const drained = performance.now() - recovery;
  const { handedOver, acknowledged } = source;
  await pipeline.stop();
  return {
    cleanRate,
    troubledRate,
    ...(blocked && timeToFull !== undefined && { blocked, timeToFull }),
    firstTroubled,
    drained,
    handedOver,
    acknowledged,
  };

  async function rateOver(duration: number, ended: () => boolean): Promise<number> {
    const before = healthy;
    const start = performance.now();
    while (performance.now() - start < duration && !ended()) await pause(STEP);
    return ((healthy - before) / (performance.now() - start)) * 1000;
  }
});
