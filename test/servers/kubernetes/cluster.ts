/** What tests do with a cluster, whoever started it. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { waitFor } from '../../support/wait-for.ts';
import { type ApiObject, type Credentials, createAdmin, type KubernetesAdmin } from './admin.ts';
import { writeKubeconfig } from './kubeconfig.ts';

export interface KubernetesCluster {
  /** `https://127.0.0.1:P`, without a path. */
  readonly url: string;
  /** PEM of the certificate authority, where the cluster has one of its own. */
  readonly ca: string | undefined;
  /** What `KUBECONFIG` has to be to act as cluster administrator: a path, or several joined by `:`. */
  readonly kubeconfig: string;
  /** Acts as cluster administrator. */
  readonly admin: KubernetesAdmin;
  /** Runs kubectl as cluster administrator and returns its standard output; rejects with its standard error. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Applies YAML of any number of objects with kubectl, on the server's side. */
  applyYaml(yaml: string, ...args: readonly string[]): Promise<string>;
  /** Makes a namespace with a name of its own; `held-…` when KWOK shall leave its pods to the test. */
  namespace(options?: NamespaceOptions): Promise<string>;
  /** Makes a ServiceAccount when there is none and returns the path of a kubeconfig with an hour's token for it. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>;
  /** Merges into the status of a pod: conditions by type, `podIP` into `podIPs` too, other lists are replaced. */
  setPodStatus(pod: { readonly namespace: string; readonly name: string }, status: PodStatus): Promise<ApiObject>;
}

export interface NamespaceOptions {
  /** KWOK doesn't make the pods Ready: what happens to them is said with `setPodStatus`. */
  readonly heldPods?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly conditions?: readonly unknown[];
  readonly containerStatuses?: readonly unknown[];
  readonly [field: string]: unknown;
}

export interface ClusterOptions {
  readonly credentials: Credentials;
  readonly kubeconfig: string;
  /** Paths of the programs. */
  readonly tools: { readonly kubectl: string };
  /** Where kubeconfigs are written. */
  readonly folder: string;
}

/** Returns the cluster and what ends a test's work with it: namespaces made here are deleted, without waiting. */
export function connectCluster({ credentials, kubeconfig, tools, folder }: ClusterOptions) {
  const admin = createAdmin(credentials);
  const ca = credentials.ca?.toString();
  const namespaces: string[] = [];

  async function kubectl(args: readonly string[], input?: string): Promise<string> {
    const child = spawn(tools.kubectl, args, { env: { ...process.env, KUBECONFIG: kubeconfig }, timeout: 120_000 });
    // A kubectl that ends before it has read everything says why on standard error.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('close', resolve);
      child.on('error', reject);
    });
    const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (code !== 0) throw new Error(`running kubectl ${args.join(' ')}: exit code ${code}: ${errors.trim()}`);
    return output;
  }

  const cluster: KubernetesCluster = {
    url: credentials.url,
    ca,
    kubeconfig,
    admin,
    kubectl: (...args) => kubectl(args),
    applyYaml: (yaml, ...args) =>
      kubectl(['apply', '--server-side', '--force-conflicts', ...args, '--filename', '-'], yaml),
    async namespace({ heldPods = false, labels = {}, annotations = {} } = {}) {
      const name = `${heldPods ? HELD : 'test-'}${randomBytes(5).toString('hex')}`;
      await admin.post('/api/v1/namespaces', { metadata: { name, labels, annotations } });
      namespaces.push(name);
      // Pods are refused until the controller manager has made it.
      await waitFor(() => admin.find(`/api/v1/namespaces/${name}/serviceaccounts/default`), {
        timeout: 30_000,
        what: `the default ServiceAccount of ${name}`,
      });
      return name;
    },
    async serviceAccountKubeconfig(namespace, name) {
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      await admin.apply(`${accounts}/${name}`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
      const { status } = await admin.post(`${accounts}/${name}/token`, { spec: { expirationSeconds: 3600 } });
      const file = join(folder, `${namespace}-${name}-${randomBytes(4).toString('hex')}.kubeconfig`);
      await writeKubeconfig(file, { url: credentials.url, ca, user: { token: status.token }, namespace });
      return file;
    },
    setPodStatus({ namespace, name }, status) {
      const addresses = status.podIP ? { podIPs: [{ ip: status.podIP }, { $patch: 'replace' }] } : {};
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
      return admin.patch(path, { status: { ...addresses, ...status } }, 'application/strategic-merge-patch+json');
    },
  };
  return {
    cluster,
    async deleteNamespaces() {
      for (const name of namespaces.splice(0)) await admin.delete(`/api/v1/namespaces/${name}`);
    },
  };
}

/** How names of namespaces begin whose pods KWOK leaves alone; stages.yaml knows it. */
const HELD = 'held-';
