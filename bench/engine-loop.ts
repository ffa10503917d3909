/** The measured process of the engine: an in-memory source through window, lanes and function sink, as fast as it goes. */
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine } from './engine.ts';
import { measure, startUsage, type Used } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger } from './trigger.ts';

export interface EngineParameters {
  readonly url: string;
  readonly maxInFlight: number;
  readonly keys: number;
  readonly payload: number;
  /** Milliseconds. */
  readonly warmUp: number;
  readonly duration: number;
  /** Records in all; no end by default. */
  readonly total?: number;
}

export interface EngineResult extends Used {
  readonly records: number;
}

measure(async (parameters: EngineParameters): Promise<EngineResult> => {
  const { url, maxInFlight, keys, payload, total } = parameters;
  const source = new MemorySource({ keys, payload, prepared: 1024, ...(total !== undefined && { total }) });
  const pipeline = createEngine(benchTrigger(url, { maxInFlight }), source);
  await pipeline.start();
  await pause(parameters.warmUp);
  const used = startUsage();
  const before = source.acknowledged;
  await pause(parameters.duration);
  const result = { records: source.acknowledged - before, ...used() };
  await pipeline.stop();
  return result;
});
