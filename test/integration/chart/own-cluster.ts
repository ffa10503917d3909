/** A cluster for the tests of the chart alone: they install CRDs and roles of the cluster, and take them away again. */
import { type KubernetesServer, startKubernetes } from '../../servers/kubernetes/index.ts';
import { MissingToolsError } from '../../servers/kubernetes/tools.ts';

let started: Promise<KubernetesServer> | undefined;
let suites = 0;

/** Returns a function that gives tests and hooks of the suite the cluster. It ends with the last suite that asked. */
export function useOwnCluster(): () => KubernetesServer {
  suites += 1;
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
  after('Kubernetes', async function () {
    this.timeout(60_000);
    suites -= 1;
    if (suites === 0) await cluster?.stop();
  });
  return () => {
    if (!cluster) throw new Error('using Kubernetes: it is there in hooks and tests only');
    return cluster;
  };
}
