/** The measured process of a function that never answers: how much memory a full buffer takes. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Trigger } from '../api/trigger.ts';
import { createLogger } from '../common/logger.ts';
import { createSource } from '../dispatcher/sources/index.ts';
import { createSecretFiles } from '../dispatcher/sources/secrets.ts';
import type { Source } from '../dispatcher/sources/source.ts';
import { createEngine } from './engine.ts';
import { measure, rssPeak, type Tell } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger, pulsarTrigger } from './trigger.ts';

export interface UnansweredParameters {
  readonly url: string;
  readonly keys: number;
  readonly payload: number;
  /** Records that the source has. */
  readonly total: number;
  /** Absent: a source in memory. */
  readonly pulsar?: { readonly broker: string; readonly topic: string };
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

measure(async (parameters: UnansweredParameters, tell): Promise<UnansweredResult> => {
  const delivery = { maxInFlight: 32, buffer: parameters.buffer, timeout: TIMEOUT };
  const { pulsar, url } = parameters;
  const trigger = pulsar ? pulsarTrigger({ ...pulsar, url }, delivery) : benchTrigger(url, delivery);
  const { source, load } = await createLoad(parameters, trigger, tell);
  const pipeline = createEngine(trigger, source);
  await pipeline.start();
  await pause(1000);
  const rssIdle = process.memoryUsage.rss();
  await load();
  await untilSteady(() => pipeline.status().records);
  await pause(parameters.duration);
  const { records, bytes } = pipeline.status();
  const result = { rssIdle, rssPeak: rssPeak(), records, bytes };
  await pipeline.stop();
  return result;
});

/** A source, and what makes its records come. */
async function createLoad(
  { keys, payload, total, pulsar }: UnansweredParameters,
  trigger: Trigger,
  tell: Tell,
): Promise<{ readonly source: Source; readonly load: () => Promise<unknown> }> {
  if (pulsar !== undefined) {
    const source = await createSource({ trigger, secrets: createSecretFiles('.'), logger: createLogger('error') });
    return { source, load: () => tell('publish') };
  }
  const source = new MemorySource({ keys, payload, total });
  source.hold(true);
  return { source, load: async () => source.hold(false) };
}

/** Until something has come and no more of it came for two seconds. */
async function untilSteady(count: () => number): Promise<void> {
  for (let last = -1; last !== count() || last === 0; await pause(2000)) last = count();
}
