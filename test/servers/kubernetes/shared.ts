/** One Kubernetes for a whole test run: the user's own (`KUBECONFIG`), or one that is started when first asked for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials } from './admin.ts';
import { connectCluster, type KubernetesCluster } from './cluster.ts';
import { type KubernetesServer, startKubernetes } from './index.ts';
import { kubernetesTools, MissingToolsError } from './tools.ts';

let started: Promise<KubernetesServer> | undefined;
let users: ReturnType<typeof connectUsers> | undefined;

/** Returns the cluster of this run that a test may do anything to: with audit log and KWOK, never the user's own. */
export function sharedKubernetes(): Promise<KubernetesServer> {
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
    users ??= connectUsers(process.env.KUBECONFIG);
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

async function connectUsers(kubeconfig: string) {
  const tools = await kubernetesTools(['kubectl']);
  const folder = await mkdtemp(join(tmpdir(), 'kubeless-triggers-kubernetes-'));
  const { cluster, deleteNamespaces } = connectCluster({
    credentials: await readCredentials(),
    kubeconfig,
    tools,
    folder,
  });
  return {
    cluster,
    async stop() {
      await deleteNamespaces();
      await cluster.admin.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks the client library, which knows every way of authentication; loading it takes two seconds. */
async function readCredentials(): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromDefault();
  const url = config.getCurrentCluster()?.server;
  if (!url) throw new Error(`using KUBECONFIG=${process.env.KUBECONFIG}: its current context has no cluster`);
  const found: Record<string, unknown> & { headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(found);
  const { ca, cert, key, headers, rejectUnauthorized } = found;
  // PEM, as the library hands it to node:https.
  const pem = { ca, cert, key } as Pick<Credentials, 'ca' | 'cert' | 'key'>;
  return { url: url.replace(/\/$/, ''), ...pem, headers, insecure: rejectUnauthorized === false };
}
