/** The measured process of a function that never answers: how much memory a full buffer takes. */
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine } from './engine.ts';
import { measure, rssPeak } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger } from './trigger.ts';

export interface UnansweredParameters {
  readonly url: string;
  readonly keys: number;
  readonly payload: number;
  /** Records that the source has. */
  readonly total: number;
  readonly buffer: { readonly records: number; readonly bytes: number };
  /** Milliseconds with the buffer full, over several time-outs. */
  readonly duration: number;
}

export interface UnansweredResult {
  /** Bytes resident before the first record, and the most that were resident at once. */
  readonly rssIdle: number;
  readonly rssPeak: number;
  /** Records and bytes in hand at the end, as the pipeline counts them. */
  readonly records: number;
  readonly bytes: number;
}

const TIMEOUT = 2000;

measure(async (parameters: UnansweredParameters): Promise<UnansweredResult> => {
  const { url, keys, payload, total, buffer, duration } = parameters;
  const source = new MemorySource({ keys, payload, total });
  source.hold(true);
  const delivery = { maxInFlight: 32, buffer, timeout: TIMEOUT };
  const pipeline = createEngine(benchTrigger(url, delivery), source);
  await pipeline.start();
  await pause(1000);
  const rssIdle = process.memoryUsage.rss();
  source.hold(false);
  for (let last = -1; last !== source.handedOver; await pause(1000)) last = source.handedOver;
  await pause(duration);
  const { records, bytes } = pipeline.status();
  const result = { rssIdle, rssPeak: rssPeak(), records, bytes };
  await pipeline.stop();
  return result;
});
