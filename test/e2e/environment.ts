/** What the end-to-end tests share: images, a cluster that runs pods, and a Pulsar that pods reach. */
import type { NodeCluster } from '../servers/kubernetes/node.ts';
import { MissingToolsError } from '../servers/kubernetes/tools.ts';
import { type PulsarServer, startPulsar } from '../servers/pulsar/index.ts';
import { type Place, startPlace, usersPlace } from './places.ts';

export interface Environment extends Omit<Place, 'stop'> {
  /** Asks for tokens. */
  readonly pulsar: PulsarServer;
}

let started: Promise<Environment & { stop(): Promise<void> }> | undefined;

/** Makes a suite wait for the environment; where it can't be had the suite is skipped, or fails where `CI` is set. */
export function useEnvironment(): () => Environment {
  let environment: Environment | undefined;
  before('images, cluster and Pulsar', async function () {
    this.timeout(1_500_000);
    started ??= start();
    environment = await started.catch((error) => {
      if (process.env.CI || !(error instanceof MissingToolsError)) throw error;
      process.stderr.write(`\nSKIPPED: ${error.message}\n\n`);
      return this.skip();
    });
  });
  return () => {
    if (!environment) throw new Error('using the environment: it is there in hooks and tests only');
    return environment;
  };
}

/** Returns what can be done to the node, and skips the test on a cluster of the user's own, whose nodes aren't ours. */
export function nodeOf(
  { node }: Environment,
  test: Mocha.Context,
): Pick<NodeCluster, 'killContainer' | 'restartOnNode'> {
  return node ?? test.skip();
}

/** Stops what was started for this run. */
export async function stopEnvironment(): Promise<void> {
  const environment = await started?.catch(() => undefined);
  started = undefined;
  await environment?.stop();
}

async function start() {
  const { KUBECONFIG, E2E_ADDRESS } = process.env;
  const place = KUBECONFIG && E2E_ADDRESS ? await usersPlace(KUBECONFIG, E2E_ADDRESS) : await startPlace();
  const pulsar = await startPulsar({ tokenAuth: true, address: place.address }).catch(async (error) => {
    await place.stop();
    throw error;
  });
  const stop = async () => {
    await place.stop();
    await pulsar.stop();
  };
  return { ...place, pulsar, stop };
}
