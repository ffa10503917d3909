/** The measured process of a real Pulsar: a backlog through source, window, lanes and function sink. */
import { createLogger } from '../common/logger.ts';
import { createSource } from '../dispatcher/sources/index.ts';
import { createSecretFiles } from '../dispatcher/sources/secrets.ts';
import { createEngine } from './engine.ts';
import { measure, startUsage, type Used } from './measured-process.ts';
import { pulsarTrigger } from './trigger.ts';
import { type Slice, type Stretch, startSlice } from './turns.ts';

export interface PulsarParameters {
  readonly url: string;
  readonly broker: string;
  readonly topic: string;
  readonly maxInFlight: number;
  /** Records in the topic, and how many of them go by before the measurement begins. */
  readonly total: number;
  readonly warmUp: number;
}

/** After the warm-up. */
export interface PulsarResult extends Used {
  readonly records: number;
  /** The warm-up too: all records over the time from the first one's delivery. */
  readonly fromFirst: Stretch;
  /** Of a second each; what is left at the end is in none. */
  readonly slices: readonly Slice[];
}

const SLICE = 1000;

measure(async (parameters: PulsarParameters): Promise<PulsarResult> => {
  const { total, warmUp, url, broker, topic, maxInFlight } = parameters;
  const trigger = pulsarTrigger({ url, broker, topic }, { maxInFlight });
  const logger = createLogger('error');
  const source = await createSource({ trigger, secrets: createSecretFiles('.'), logger });
  const slices: Slice[] = [];
  let used: (() => Used) | undefined;
  let cutting: NodeJS.Timeout | undefined;
  let delivered = 0;
  let first = 0;
  const ended = Promise.withResolvers<PulsarResult>();
  const pipeline = createEngine(trigger, source, ({ outcome }) => {
    if (outcome.kind !== 'delivered') return;
    delivered += 1;
    if (delivered === 1) first = performance.now();
    if (delivered === warmUp) {
      used = startUsage();
      let end = startSlice(() => delivered);
      cutting = setInterval(() => {
        slices.push(end());
        end = startSlice(() => delivered);
      }, SLICE);
    }
    if (delivered < total || used === undefined) return;
    clearInterval(cutting);
    const fromFirst = { records: total, seconds: (performance.now() - first) / 1000 };
    ended.resolve({ records: total - warmUp, fromFirst, slices, ...used() });
  });
  await pipeline.start();
  const result = await ended.promise;
  await pipeline.stop();
  return result;
});
