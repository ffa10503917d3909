/** The dispatcher's program: configuration from the environment, probes, signals. */

import process from 'node:process';
import { newsOf } from '../api/dispatcher-status.ts';
import { messageOf } from '../common/errors.ts';
import { createLogger } from '../common/logger.ts';
import { startProbes } from '../common/probes.ts';
import { onShutdown } from '../common/shutdown.ts';
import { readConfig } from './config.ts';
import { createDispatcher } from './dispatcher.ts';
import { createSecretFiles } from './sources/secrets.ts';

const config = readConfig(process.env);
if ('errors' in config) {
  const logger = createLogger();
  for (const error of config.errors) logger.error({ problem: error }, 'the configuration is wrong');
  process.exit(1);
}

const logger = createLogger(config.logLevel);
const { trigger, proxy } = config;
const identity = { kind: trigger.kind, trigger: trigger.name, namespace: trigger.namespace };

try {
  const dispatcher = await createDispatcher({ trigger, secrets: createSecretFiles(config.secretsDir), logger, proxy });
  const probes = await startProbes({
    port: config.probesPort,
    notReady: () => {
      const { connected, why } = dispatcher.status();
      return connected ? undefined : (why ?? 'not connected yet');
    },
    metrics: dispatcher.metrics.expose,
    status: { read: dispatcher.status, news: () => newsOf(dispatcher.status()) },
  });
  onShutdown({
    async stop(signal) {
      logger.info({ signal, ...identity }, 'stopping');
      await dispatcher.stop();
      await probes.close();
      const { delivered, filtered, deadLettered, dropped } = dispatcher.status();
      logger.info({ delivered, filtered, deadLettered, dropped }, 'stopped');
    },
    onImpatience: (signal) => logger.warn({ signal }, 'told twice to stop: what runs comes again'),
  });
  logger.info({ ...identity, probes: probes.port }, 'started');
  await dispatcher.start();
} catch (error) {
  logger.error({ problem: messageOf(error), ...identity }, 'cannot start');
  process.exit(1);
}
