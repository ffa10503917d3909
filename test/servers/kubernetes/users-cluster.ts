/** The cluster that a user's kubeconfig leads to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Credentials } from './admin.ts';
import { connectCluster, type KubernetesCluster } from './cluster.ts';
import { kubernetesTools } from './tools.ts';

export interface UsersCluster {
  readonly cluster: KubernetesCluster;
  /** Deletes the namespaces that were made, without waiting until they are gone. */
  stop(): Promise<void>;
}

/** `kubeconfig` is what `KUBECONFIG` may be: a path, or several joined by `:`. Its current context is used. */
export async function connectUsersCluster(kubeconfig: string): Promise<UsersCluster> {
  const credentials = await readCredentials(kubeconfig);
  const tools = await kubernetesTools(['kubectl']);
  const folder = await mkdtemp(join(tmpdir(), 'kubeless-triggers-kubernetes-'));
  const { cluster, deleteNamespaces } = connectCluster({ credentials, kubeconfig, tools, folder });
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
async function readCredentials(kubeconfig: string): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const [first = '', ...others] = kubeconfig.split(delimiter);
  config.loadFromFile(first);
  for (const other of others) {
    const more = new KubeConfig();
    more.loadFromFile(other);
    config.mergeConfig(more, true);
  }
  const url = config.getCurrentCluster()?.server;
  if (!url) throw new Error(`using KUBECONFIG=${kubeconfig}: its current context has no cluster`);
  const found: Record<string, unknown> & { headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(found);
  const { ca, cert, key, headers, rejectUnauthorized } = found;
  // PEM, as the library hands it to node:https.
  const pem = { ca, cert, key } as Pick<Credentials, 'ca' | 'cert' | 'key'>;
  return { url: url.replace(/\/$/, ''), ...pem, headers, insecure: rejectUnauthorized === false };
}
