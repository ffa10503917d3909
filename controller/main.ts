/** The controller's program: flags, probes, signals. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { hostname } from 'node:os';
import process from 'node:process';
import { messageOf } from '../common/errors.ts';
import { createLogger } from '../common/logger.ts';
import { startProbes } from '../common/probes.ts';
import { onShutdown } from '../common/shutdown.ts';
import { readConfig } from './config.ts';
import { createController } from './controller.ts';
import { createKubeClient } from './kube/client.ts';

const config = readConfig(process.argv.slice(2), process.env, versionOf(findPackageJSON(import.meta.url)));
if ('exitCode' in config) {
  (config.exitCode === 0 ? process.stdout : process.stderr).write(`${config.text}\n`);
  process.exit(config.exitCode);
}

const logger = createLogger(config.logLevel);
for (const warning of config.warnings) logger.warn(warning);

try {
  const client = createKubeClient(config);
  const controller = createController({
    config,
    client,
    logger,
    identity: `${config.podName ?? hostname()}_${randomBytes(4).toString('hex')}`,
    onLost(why) {
      logger.error({ why }, 'the Lease is lost: ending, for another replica may lead now');
      process.exit(1);
    },
  });
  const probes = await startProbes({
    port: config.probesPort,
    notReady: controller.notReady,
    metrics: controller.metrics.expose,
  });
  onShutdown({
    async stop(signal) {
      logger.info({ signal }, 'stopping');
      await controller.stop();
      await probes.close();
      await client.close();
      logger.info('stopped');
    },
  });
  controller.start();
  logger.info({ probes: probes.port, dryRun: config.dryRun }, 'started');
} catch (error) {
  logger.error({ problem: messageOf(error) }, 'cannot start');
  process.exit(1);
}

function versionOf(packageFile: string | undefined): string {
  if (packageFile === undefined) return 'unknown';
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly version: string }; // a package's
  return version;
}
