/** The measured process of a real Pulsar: a backlog through source, window, lanes and function sink. */
import { createLogger } from '../common/logger.ts';
import { createSource } from '../dispatcher/sources/index.ts';
import { createSecretFiles } from '../dispatcher/sources/secrets.ts';
import { createEngine } from './engine.ts';
import { measure } from './measured-process.ts';
import { Progress, type PulsarParameters, type PulsarResult } from './pulsar-progress.ts';
import { pulsarTrigger } from './trigger.ts';

measure(async (parameters: PulsarParameters): Promise<PulsarResult> => {
  const { url, broker, topic, maxInFlight } = parameters;
  const trigger = pulsarTrigger({ url, broker, topic }, { maxInFlight });
  const logger = createLogger('error');
  const source = await createSource({ trigger, secrets: createSecretFiles('.'), logger });
  const progress = new Progress(parameters);
  const pipeline = createEngine(trigger, source, ({ outcome }) => {
    if (outcome.kind === 'delivered') progress.note();
  });
  await pipeline.start();
  const result = await progress.ended;
  await pipeline.stop();
  return result;
});
