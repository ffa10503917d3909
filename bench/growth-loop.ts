/** The measured process of the heap's growth: steady load, and between two stretches of it the heap after a collection. */
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine } from './engine.ts';
import { measure, startUsage, type Used } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger } from './trigger.ts';

export interface GrowthParameters {
  readonly url: string;
  readonly maxInFlight: number;
  readonly keys: number;
  readonly payload: number;
  /** Milliseconds. */
  readonly warmUp: number;
  readonly duration: number;
  readonly samples: number;
}

export interface GrowthResult extends Used {
  readonly records: number;
  /** Bytes of live heap with nothing in hand; the first is after the warm-up. */
  readonly heap: readonly number[];
}

/** Longer than anything that the engine remembers on purpose. */
const FORGOTTEN_AFTER = 500;

measure(async (parameters: GrowthParameters): Promise<GrowthResult> => {
  const { url, maxInFlight, keys, payload, duration, samples } = parameters;
  const source = new MemorySource({ keys, payload });
  const pipeline = createEngine(benchTrigger(url, { maxInFlight }), source);
  await pipeline.start();
  await pause(parameters.warmUp);
  const used = startUsage();
  const heap = [await liveHeap()];
  const before = source.acknowledged;
  for (let i = 0; i < samples; i += 1) {
    await pause(duration / samples);
    heap.push(await liveHeap());
  }
  const result = { records: source.acknowledged - before, heap, ...used() };
  await pipeline.stop();
  return result;

  async function liveHeap(): Promise<number> {
    source.hold(true);
    while (source.acknowledged < source.handedOver) await pause(10);
    await pause(FORGOTTEN_AFTER);
    globalThis.gc?.();
    globalThis.gc?.();
    const bytes = process.memoryUsage().heapUsed;
    source.hold(false);
    return bytes;
  }
});
