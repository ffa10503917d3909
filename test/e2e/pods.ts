/** Looks at pods. */
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import type { KubernetesCluster } from '../servers/kubernetes/cluster.ts';

/** The pods with a label that aren't on their way out. */
export async function podsOf(
  { admin }: KubernetesCluster,
  namespace: string,
  labelSelector: string,
): Promise<readonly ApiObject[]> {
  const { items } = await admin.get(`/api/v1/namespaces/${namespace}/pods`, { labelSelector });
  return (items as ApiObject[]).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export function isReady({ status }: ApiObject): boolean {
  const conditions: readonly { type: string; status: string }[] = status?.conditions ?? [];
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}
