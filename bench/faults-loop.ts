/** The measured process of transient failures: slices of load, each of which ends when all that it took is delivered. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DeliverySpec } from '../api/trigger.ts';
import { createEngine } from './engine.ts';
import { measure } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger } from './trigger.ts';
import { measureSlices, type Sliced, type SliceParameters } from './turns.ts';

export interface FaultsParameters extends SliceParameters {
  readonly url: string;
  readonly prefix: string;
  readonly keys: number;
  readonly payload: number;
  readonly delivery: DeliverySpec;
}

export interface FaultsResult extends Sliced {
  readonly handedOver: number;
  readonly acknowledged: number;
}

/** How long a slice's last records may take, in milliseconds. */
const DRAIN_LIMIT = 120_000;

measure(async (parameters: FaultsParameters, tell): Promise<FaultsResult> => {
  const { url, prefix, keys, payload, delivery } = parameters;
  const source = new MemorySource({ prefix, keys, payload, prepared: 1024 });
  const pipeline = createEngine(benchTrigger(url, delivery), source);
  source.hold(true);
  await pipeline.start();
  const load = {
    async hold(held: boolean): Promise<void> {
      source.hold(held);
      const end = performance.now() + DRAIN_LIMIT;
      while (held && source.acknowledged < source.handedOver && performance.now() < end) await pause(5);
    },
    records: () => source.acknowledged,
  };
  const sliced = await measureSlices(parameters, load, tell);
  const { handedOver, acknowledged } = source;
  await pipeline.stop();
  return { ...sliced, handedOver, acknowledged };
});
