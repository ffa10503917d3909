/** One Kubernetes for a whole test run: the user's own (`KUBECONFIG`), or one that is started when first asked for. */
import type { KubernetesCluster } from './cluster.ts';
import { type KubernetesServer, startKubernetes } from './index.ts';
import { MissingToolsError } from './tools.ts';
import { connectUsersCluster, type UsersCluster } from './users-cluster.ts';

let started: Promise<KubernetesServer> | undefined;
let users: Promise<UsersCluster> | undefined;

/** Returns the cluster of this run that a test may do anything to: with audit log and KWOK, never the user's own. */
function sharedKubernetes(): Promise<KubernetesServer> {
  started ??= startKubernetes({ audit: true, kwok: true });
  return started;
}

/**
 * Makes the suite that it is called in wait for the cluster of this run, and returns a function that gives it to tests
 * and hooks of the suite. Without what Kubernetes is built with the suite is skipped, or fails where `CI` is set.
 */
export function useKubernetes(): () => KubernetesServer {
  return use(sharedKubernetes);
}

/**
 * Like `useKubernetes` for suites that need only namespaces and what is in them: no CRDs, no roles of the cluster, no
 * KWOK, no killing. Where `KUBECONFIG` is set they run on the user's cluster and leave nothing there.
 */
export function useNamespaces(): () => KubernetesCluster {
  return use<KubernetesCluster>(async () => {
    if (!process.env.KUBECONFIG) return sharedKubernetes();
    users ??= connectUsersCluster(process.env.KUBECONFIG);
    return (await users).cluster;
  });
}

/** Stops the cluster of this run if one was started, and deletes the tests' namespaces from the user's. */
export async function stopSharedKubernetes(): Promise<void> {
  const server = await started?.catch(() => undefined);
  const own = await users?.catch(() => undefined);
  started = undefined;
  users = undefined;
  await server?.stop();
  await own?.stop();
}

function use<Cluster>(get: () => Promise<Cluster>): () => Cluster {
  let cluster: Cluster | undefined;
  before('Kubernetes', async function () {
    this.timeout(1_200_000);
    cluster = await get().catch((error) => {
      if (process.env.CI || !(error instanceof MissingToolsError)) throw error;
      process.stderr.write(`\nSKIPPED: ${error.message}\n\n`);
      return this.skip();
    });
  });
  return () => {
    if (!cluster)
      throw new Error('using Kubernetes: it is there in hooks and tests only, not while suites are declared');
    return cluster;
  };
}
