/** What a ServiceAccount may do in its namespace. */
import type { KubernetesCluster } from '../servers/kubernetes/cluster.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Makes a Role and its binding, named like the ServiceAccount. It counts a moment later. */
export async function allow({ admin }: KubernetesCluster, namespace: string, name: string, rule: Rule): Promise<void> {
  const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  await admin.post(`${roles}/roles`, { metadata: { name }, rules: [rule] });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  await admin.post(`${roles}/rolebindings`, { metadata: { name }, roleRef, subjects });
}
