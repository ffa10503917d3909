/** A cluster for the tests of the chart alone: they install CRDs and roles of the cluster, and take them away again. */
import { type KubernetesServer, startKubernetes } from '../../servers/kubernetes/index.ts';
import { MissingToolsError } from '../../servers/kubernetes/tools.ts';

let started: Promise<KubernetesServer> | undefined;

/** Returns a function that gives tests and hooks of the suite the cluster, which all suites of a run share. */
export function useOwnCluster(): () => KubernetesServer {
  let cluster: KubernetesServer | undefined;
  before('Kubernetes', async function () {
    this.timeout(1_200_000);
    started ??= startKubernetes({ kwok: true });
    cluster = await started.catch((error) => {
      if (process.env.CI || !(error instanceof MissingToolsError)) throw error;
      process.stderr.write(`\nSKIPPED: ${error.message}\n\n`);
      return this.skip();
    });
  });
  return () => {
    if (!cluster) throw new Error('using Kubernetes: it is there in hooks and tests only');
    return cluster;
  };
}

export async function stopOwnCluster(): Promise<void> {
  const cluster = await started?.catch(() => undefined);
  started = undefined;
  await cluster?.stop();
}
