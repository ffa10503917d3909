/** A node that isn't there: KWOK says of its pods that they run, or nothing, and a test says the rest. */
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { KubernetesAdmin } from './admin.ts';
import { answersOk, type Component, createComponent } from './component.ts';

export interface KwokOptions {
  /** Path of the program. */
  readonly kwok: string;
  readonly folder: string;
  /** Path; of cluster-admin. */
  readonly kubeconfig: string;
}

/** Pods that name it in a nodeSelector go there also where there are other nodes: `{ type: 'kwok' }`. */
const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'kwok-0',
    labels: { 'kubernetes.io/hostname': 'kwok-0', 'kubernetes.io/os': 'linux', type: 'kwok' },
    annotations: { 'kwok.x-k8s.io/node': 'fake' },
  },
};

/**
 * Pods get addresses of 127.x.0.0/16, x by chance: a test can listen on the address of a pod. (A Service over such pods
 * has no endpoints, since those mustn't be loopback.)
 */
export async function createKwok({ kwok, folder, kubeconfig }: KwokOptions): Promise<Component> {
  const server = `127.0.0.1:${await freePort()}`;
  const stages = fileURLToPath(new URL('stages.yaml', import.meta.url));
  const flags = {
    kubeconfig,
    config: stages,
    cidr: `127.${randomInt(1, 255)}.0.1/16`,
    'manage-all-nodes': false,
    'manage-nodes-with-annotation-selector': 'kwok.x-k8s.io/node=fake',
    'node-ip': '10.0.0.1',
    'node-lease-duration-seconds': 40,
    'server-address': server,
  };
  return createComponent({
    name: 'kwok',
    command: [kwok, ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)],
    folder,
    isReady: () => answersOk(`http://${server}/healthz`),
  });
}

/** Makes KWOK's node free: a KWOK that starts anew is somebody else, who would wait for the Lease of the one before. */
export async function releaseKwokNode(admin: KubernetesAdmin): Promise<void> {
  await admin.delete(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${NODE.metadata.name}`);
}

/** Adds KWOK's node and waits until pods can be given to it. */
export async function addKwokNode(admin: KubernetesAdmin): Promise<void> {
  const path = `/api/v1/nodes/${NODE.metadata.name}`;
  await admin.apply(path, NODE);
  const isReady = async () => {
    const { status, spec } = await admin.get(path);
    const conditions: readonly { type: string; status: string }[] = status?.conditions ?? [];
    // The controller manager takes a moment to take back that the node isn't ready.
    return conditions.some(({ type, status }) => type === 'Ready' && status === 'True') && !spec.taints;
  };
  await waitFor(isReady, { timeout: 30_000, what: `the node ${NODE.metadata.name} to be Ready` });
}
