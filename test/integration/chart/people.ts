/** Limited users of a team, and what they do to its triggers. */
import { createKubeClient, type KubeClient, KubeError } from '../../../controller/kube/client.ts';
import type { KubernetesCluster } from '../../servers/kubernetes/cluster.ts';
import { triggerPath } from '../../support/trigger-objects.ts';
import { waitFor } from '../../support/wait-for.ts';

const GROUP = 'rbac.authorization.k8s.io';
const RBAC = `/apis/${GROUP}/v1`;

export interface People {
  /** Somebody of the team with a role of the cluster in each of these namespaces, by default the team's. */
  somebody(name: string, role: string, namespaces?: readonly string[]): Promise<KubeClient>;
  /** Somebody of the team who may do everything with its triggers, and nothing else. */
  writer(name: string): Promise<KubeClient>;
  /** Each resolves with the refusal, or undefined where it was taken. */
  create(client: KubeClient, name: string, deployment?: unknown): Promise<KubeError | undefined>;
  patch(client: KubeClient, name: string, body: object): Promise<KubeError | undefined>;
  /** Resolves when the API server sees the chart's policy, which takes a moment. */
  policy(): Promise<void>;
  close(): Promise<void>;
}

export function createPeople(cluster: KubernetesCluster, team: string): People {
  const clients: KubeClient[] = [];

  async function clientOf(name: string): Promise<KubeClient> {
    const client = createKubeClient({ kubeconfig: await cluster.serviceAccountKubeconfig(team, name) });
    clients.push(client);
    return client;
  }

  async function bind(name: string, role: { readonly kind: string; readonly name: string }, namespace: string) {
    await cluster.admin.post(`${RBAC}/namespaces/${namespace}/rolebindings`, {
      metadata: { name: `${name}-${role.name}` },
      roleRef: { apiGroup: GROUP, ...role },
      subjects: [{ kind: 'ServiceAccount', name, namespace: team }],
    });
  }

  const people: People = {
    async somebody(name, role, namespaces = [team]) {
      for (const namespace of namespaces) await bind(name, { kind: 'ClusterRole', name: role }, namespace);
      return clientOf(name);
    },
    async writer(name) {
      const rules = [{ apiGroups: ['kubeless.io'], resources: ['pulsartriggers'], verbs: ['*'] }];
      await cluster.admin.post(`${RBAC}/namespaces/${team}/roles`, { metadata: { name: `${name}-triggers` }, rules });
      await bind(name, { kind: 'Role', name: `${name}-triggers` }, team);
      return clientOf(name);
    },
    create(client, name, deployment) {
      const spec = {
        pulsar: { broker: 'pulsar://pulsar.example:6650', topic: 'orders' },
        kubeless: { function: 'http://orders.default:8080' },
        ...(deployment !== undefined && { deployment }),
      };
      const body = { apiVersion: 'kubeless.io/v1', kind: 'PulsarTrigger', metadata: { name }, spec };
      return refusal(client.request({ method: 'POST', path: triggerPath(team), body }));
    },
    patch(client, name, body) {
      const contentType = 'application/merge-patch+json';
      return refusal(client.request({ method: 'PATCH', path: triggerPath(team, name), body, contentType }));
    },
    async policy() {
      const writer = await people.writer('first');
      const isRefused = async () => {
        const refused = (await people.create(writer, 'first'))?.message.includes('may not create');
        if (!refused) await writer.request({ method: 'DELETE', path: triggerPath(team, 'first') });
        return refused;
      };
      await waitFor(isRefused, { what: 'the policy', timeout: 30_000, interval: 200 });
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
  return people;
}

export function refusal(call: Promise<unknown>): Promise<KubeError | undefined> {
  return call.then(
    () => undefined,
    (error) => {
      if (error instanceof KubeError) return error;
      throw error;
    },
  );
}
