/** Where the end-to-end tests run: on a node that is started here, or on a cluster of the user's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesCluster } from '../servers/kubernetes/cluster.ts';
import { type NodeCluster, startNodeCluster } from '../servers/kubernetes/node.ts';
import { connectUsersCluster } from '../servers/kubernetes/users-cluster.ts';
import { buildImages, LOCAL_REGISTRY } from './product-images.ts';

export interface Place {
  readonly cluster: KubernetesCluster;
  /** This machine's address as pods reach it. */
  readonly address: string;
  /** An image that the cluster can have, with Node as `node`. */
  readonly nodeImage: string;
  /** Where the product's images are. */
  readonly registry: string;
  /** Absent on the user's own cluster. */
  readonly node?: Pick<NodeCluster, 'killContainer' | 'restartOnNode'>;
  stop(): Promise<void>;
}

/** Builds the images and starts a node that has them. */
export async function startPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeless-triggers-e2e-'));
  const archive = join(folder, 'images.tar');
  try {
    const nodeImage = await step('images', () => buildImages(archive));
    const cluster = await step('node', () => startNodeCluster({ images: [archive] }));
    // Whatever runs there has to get by with what `restricted` allows.
    await cluster.kubectl('label', 'namespace', 'default', 'pod-security.kubernetes.io/enforce=restricted');
    const { hostAddress: address, stop } = cluster;
    return { cluster, address, nodeImage, registry: LOCAL_REGISTRY, node: cluster, stop };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Uses a cluster that has no triggers: the tests delete them all in the end. `IMAGE_REGISTRY` is where the images are
 * (`make push`, also with `IMAGE_TAG=next`), `BASE_IMAGE` an image with Node.
 */
export async function usersPlace(kubeconfig: string, address: string): Promise<Place> {
  const { IMAGE_REGISTRY: registry, BASE_IMAGE: nodeImage = 'node:24-bookworm-slim' } = process.env;
  if (!registry) throw new Error(`using KUBECONFIG=${kubeconfig}: say in IMAGE_REGISTRY where its images are`);
  const { cluster, stop } = await connectUsersCluster(kubeconfig);
  const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pulsartriggers.kubeless.io';
  if (await cluster.admin.find(crd)) {
    await stop();
    throw new Error(`using KUBECONFIG=${kubeconfig}: the cluster has triggers, which the tests would delete`);
  }
  return { cluster, address, nodeImage, registry, stop };
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  process.stderr.write(`e2e: ${name} in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
}
