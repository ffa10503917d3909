/** The measured process of a real Pulsar: a backlog through source, window, lanes and function sink. */
import { createLogger } from '../common/logger.ts';
import { createSource } from '../dispatcher/sources/index.ts';
import { createSecretFiles } from '../dispatcher/sources/secrets.ts';
import { createEngine } from './engine.ts';
import { measure, startUsage, type Used } from './measured-process.ts';
import { pulsarTrigger } from './trigger.ts';

export interface PulsarParameters {
  readonly url: string;
  readonly broker: string;
  readonly topic: string;
  readonly maxInFlight: number;
  /** Records in the topic, and how many of them go by before the measurement begins. */
  readonly total: number;
  readonly warmUp: number;
}

export interface PulsarResult extends Used {
  readonly records: number;
}

measure(async (parameters: PulsarParameters): Promise<PulsarResult> => {
  const { total, warmUp, url, broker, topic, maxInFlight } = parameters;
  const trigger = pulsarTrigger({ url, broker, topic }, { maxInFlight });
  const logger = createLogger('error');
  const source = await createSource({ trigger, secrets: createSecretFiles('.'), logger });
  let used: (() => Used) | undefined;
  let delivered = 0;
  const ended = Promise.withResolvers<PulsarResult>();
  const pipeline = createEngine(trigger, source, ({ outcome }) => {
    if (outcome.kind !== 'delivered') return;
    delivered += 1;
    if (delivered === warmUp) used = startUsage();
    if (delivered === total && used !== undefined) ended.resolve({ records: total - warmUp, ...used() });
  });
  await pipeline.start();
  const result = await ended.promise;
  await pipeline.stop();
  return result;
});
