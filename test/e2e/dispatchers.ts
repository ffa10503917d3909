/** Watches a trigger and its dispatcher in a cluster. */
import type { Condition } from '../../controller/kube/objects.ts';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import type { KubernetesCluster } from '../servers/kubernetes/cluster.ts';
import { waitFor } from '../support/wait-for.ts';
import { isReady, podsOf } from './pods.ts';

export interface TriggerName {
  readonly namespace: string;
  readonly name: string;
}

const ANY_TRIGGER = 'kubeless.io/trigger-id';

export function triggerPath({ namespace, name }: TriggerName): string {
  return `/apis/kubeless.io/v1/namespaces/${namespace}/pulsartriggers/${name}`;
}

/** Resolves with the trigger when it is Ready as its newest version says. */
export function readyTrigger(cluster: KubernetesCluster, trigger: TriggerName): Promise<ApiObject> {
  let status: unknown;
  return waitFor(
    async () => {
      const object = await cluster.admin.get(triggerPath(trigger));
      status = object.status;
      const isCurrent = object.status?.observedGeneration === object.metadata.generation;
      return isCurrent && isReady(object) && object;
    },
    {
      timeout: 120_000,
      interval: 200,
      what: () => `${trigger.name} to be Ready: its status is ${JSON.stringify(status)}`,
    },
  );
}

/** Resolves when a trigger has a condition with this reason, and these words in its message. */
export function conditionOf(
  cluster: KubernetesCluster,
  trigger: TriggerName,
  { type, reason, words }: { readonly type: string; readonly reason: string; readonly words: string },
): Promise<Condition> {
  let conditions: readonly Condition[] = [];
  return waitFor(
    async () => {
      const { status } = await cluster.admin.get(triggerPath(trigger));
      conditions = status?.conditions ?? [];
      const found = conditions.find((condition) => condition.type === type && condition.reason === reason);
      return found?.message?.includes(words) && found;
    },
    {
      timeout: 120_000,
      interval: 200,
      what: () => `${trigger.name} to have ${type} ${reason}: its conditions are ${JSON.stringify(conditions)}`,
    },
  );
}

/** Resolves when all dispatchers of a namespace are ready and of one version, `count` of them. */
export function settledDispatchers(
  cluster: KubernetesCluster,
  namespace: string,
  { count = 1, isRight = (_: ApiObject): boolean => true } = {},
): Promise<readonly ApiObject[]> {
  let states: readonly unknown[] = [];
  return waitFor(
    async () => {
      // Those that are ending count: one version is there when the other has gone.
      const { items } = await cluster.admin.get(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: ANY_TRIGGER });
      const pods: readonly ApiObject[] = items;
      states = pods.map(({ metadata, status }) => [metadata.name, status?.phase, status?.containerStatuses]);
      return pods.length === count && pods.every((pod) => isReady(pod) && isRight(pod)) && pods;
    },
    { timeout: 120_000, interval: 200, what: () => `${count} dispatchers to be ready: ${JSON.stringify(states)}` },
  );
}

/** The one dispatcher of a namespace. */
export async function onlyDispatcher(cluster: KubernetesCluster, namespace: string): Promise<ApiObject> {
  const [pod, ...others] = await podsOf(cluster, namespace, ANY_TRIGGER);
  if (!pod || others.length > 0)
    throw new Error(`looking for the only dispatcher of ${namespace}: there is none, or several`);
  return pod;
}

export function restartsOf(pod: ApiObject): number {
  return pod.status.containerStatuses[0].restartCount;
}
