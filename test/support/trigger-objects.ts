/** Triggers in a cluster, and what became of them, for tests of the controller. */
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import type { KubernetesCluster } from '../servers/kubernetes/cluster.ts';
import { waitFor } from './wait-for.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export interface TriggerObjects {
  /** Makes one, or changes the one that there is. */
  apply(name: string, spec?: Readonly<Record<string, unknown>>): Promise<ApiObject>;
  get(name: string): Promise<ApiObject>;
  delete(name: string): Promise<void>;
  /** Resolves when the condition has this reason; the error says what it has instead. */
  condition(name: string, type: string, reason: string, timeout?: number): Promise<Condition>;
  /** The Deployment beside the trigger, when it is there. */
  deployment(name: string, timeout?: number): Promise<ApiObject>;
}

export function triggerPath(namespace: string, name = ''): string {
  return `/apis/kubeless.io/v1/namespaces/${namespace}/pulsartriggers${name && `/${name}`}`;
}

export function deploymentPath(namespace: string, name = ''): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments${name && `/${name}`}`;
}

/** A function outside of the cluster, so that nothing has to be there for it. */
export const SPEC = {
  pulsar: { topic: 'persistent://public/default/orders', broker: 'pulsar://pulsar.example:6650' },
  kubeless: { function: 'http://function.example:8080' },
};

export function triggersIn({ admin }: KubernetesCluster, namespace: string): TriggerObjects {
  const get = (name: string) => admin.get(triggerPath(namespace, name));
  return {
    apply: (name, spec = {}) =>
      admin.apply(triggerPath(namespace, name), {
        apiVersion: 'kubeless.io/v1',
        kind: 'PulsarTrigger',
        metadata: { name },
        spec: { ...SPEC, ...spec },
      }),
    get,
    delete: (name) => admin.delete(triggerPath(namespace, name)),
    async condition(name, type, reason, timeout = 10_000) {
      let last: Condition | undefined;
      const what = () => `${name} to have ${type} ${reason}; it has ${last?.reason}: ${last?.message}`;
      return waitFor(
        async () => {
          const { status } = await get(name);
          const conditions: readonly Condition[] = status?.conditions ?? [];
          last = conditions.find((condition) => condition.type === type);
          return last?.reason === reason && last;
        },
        { timeout, interval: 50, what },
      );
    },
    deployment: (name, timeout = 10_000) =>
      waitFor(() => admin.find(deploymentPath(namespace, `${name}-pulsar`)), {
        timeout,
        interval: 50,
        what: `the Deployment of ${name}`,
      }),
  };
}
