/** The measured process of the engine: an in-memory source through window, lanes and function sink, as fast as it goes. */
import { createEngine } from './engine.ts';
import { measure } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger } from './trigger.ts';
import { measureSlices, type Sliced, type SliceParameters } from './turns.ts';

export interface EngineParameters extends SliceParameters {
  readonly url: string;
  readonly maxInFlight: number;
  readonly keys: number;
  readonly payload: number;
  /** Records in all; no end by default. */
  readonly total?: number;
}

measure(async (parameters: EngineParameters, tell): Promise<Sliced> => {
  const { url, maxInFlight, keys, payload, total } = parameters;
  const source = new MemorySource({ keys, payload, prepared: 1024, ...(total !== undefined && { total }) });
  const pipeline = createEngine(benchTrigger(url, { maxInFlight }), source);
  source.hold(true);
  await pipeline.start();
  const load = { hold: (held: boolean) => source.hold(held), records: () => source.acknowledged };
  const result = await measureSlices(parameters, load, tell);
  await pipeline.stop();
  return result;
});
