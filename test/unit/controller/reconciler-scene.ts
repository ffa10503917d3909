/** One look of the controller at one trigger, in a world of the test's own, and all that came of it. */
import { expect } from 'chai';
import { pulsarTrigger } from '../../../api/kinds/pulsar-trigger.ts';
import { createLogger } from '../../../common/logger.ts';
import type { ApplyOutcome } from '../../../controller/apply.ts';
import type { Requests } from '../../../controller/guarded-client.ts';
import { KubeError, type KubeRequest } from '../../../controller/kube/client.ts';
import type {
  DeploymentObject,
  KubeObject,
  NamespaceObject,
  TriggerObject,
  TriggerStatus,
} from '../../../controller/kube/objects.ts';
import { createObserver } from '../../../controller/observer.ts';
import { createOwnWrites } from '../../../controller/own-writes.ts';
import { createReconciler } from '../../../controller/reconciler.ts';
import { createRollouts } from '../../../controller/rollouts.ts';
import { createSweeper } from '../../../controller/sweep.ts';
import type { World } from '../../../controller/world.ts';

export const KEY = 'PulsarTrigger/ns/orders';
export const SPEC = {
  pulsar: { topic: 'orders', broker: 'pulsar://broker' },
  kubeless: { function: 'http://f.example:8080' },
};

const MANAGED_BY = 'release/kt';
const ANNOTATIONS = { 'kubeless.io/trigger': KEY, 'kubeless.io/managed-by': MANAGED_BY };
export const EXCEEDED = 'deployments.apps "orders-pulsar" is forbidden: exceeded quota: none';

export function trigger(spec: unknown = SPEC, metadata: Partial<TriggerObject['metadata']> = {}): TriggerObject {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'orders', namespace: 'ns', uid: 'u', resourceVersion: '1', generation: 3, ...metadata },
    spec,
  };
}

export function deployment(namespace: string, name = 'orders-pulsar'): DeploymentObject {
  return {
    metadata: {
      name,
      namespace,
      uid: `${namespace}/${name}`,
      resourceVersion: '1',
      generation: 1,
      annotations: ANNOTATIONS,
    },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1 },
  };
}

export interface Scene {
  readonly trigger?: TriggerObject;
  readonly deployments?: readonly DeploymentObject[];
  /** The value of the annotation. */
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly outcome?: ApplyOutcome;
  readonly unwatched?: readonly string[];
  /** What the API server has where that isn't what the informers have; undefined: nothing. By path. */
  readonly live?: Readonly<Record<string, KubeObject | undefined>>;
  /** Milliseconds for which the status is left to somebody else who keeps writing to it. */
  readonly contestedFor?: number;
  /** The watch told that the trigger was deleted. */
  readonly wasDeleted?: boolean;
  /** Why nothing is known of any namespace. */
  readonly namespaceUnknown?: string;
  /** What requests with these paths fail with. */
  readonly fails?: Readonly<Record<string, KubeError>>;
}

export const TRIGGER = '/apis/kubeless.io/v1/namespaces/ns/pulsartriggers/orders';
export const OTHER = '/api/v1/namespaces/other';
export const THERE = '/apis/apps/v1/namespaces/other/deployments/orders-pulsar';
export const UNAVAILABLE = new KubeError('HTTP 503 without a Status object', {
  status: 503,
  reason: 'ServiceUnavailable',
});

/** Everything by its path, as the informers of a scene have it. */
function storeOf(scene: Scene, applied: readonly DeploymentObject[]): Readonly<Record<string, KubeObject | undefined>> {
  const deployments = [...(scene.deployments ?? []), ...applied].map((object) => [pathOf(object), object] as const);
  const namespaces = Object.entries(scene.namespaces ?? {}).map(
    ([name, from]) => [`/api/v1/namespaces/${name}`, namespaceObject(name, from)] as const,
  );
  return { [TRIGGER]: scene.trigger, ...Object.fromEntries([...deployments, ...namespaces]), ...scene.live };
}

function pathOf({ metadata }: KubeObject): string {
  return `/apis/apps/v1/namespaces/${metadata.namespace}/deployments/${metadata.name}`;
}

export function namespaceObject(name: string, from: string): NamespaceObject {
  return { metadata: { name, uid: name, resourceVersion: '1', annotations: { 'kubeless.io/triggers-from': from } } };
}

/** One look at one trigger, and all that came of it. */
export function setUp(scene: Scene) {
  const did: string[] = [];
  const asked: string[] = [];
  const statuses: TriggerStatus[] = [];
  const told: string[] = [];
  const world: World = {
    trigger: () => (scene.trigger === undefined ? undefined : { kind: pulsarTrigger, object: scene.trigger }),
    wasDeleted: () => scene.wasDeleted ?? false,
    keys: () => [KEY],
    triggers: () => [],
    deployment: () => undefined,
    deploymentsOf: () => scene.deployments ?? [],
    podsOf: () => [],
    hasService: () => false,
    namespace: (name) => {
      const from = scene.namespaces?.[name];
      return from === undefined ? undefined : namespaceObject(name, from);
    },
    namespaceUnknown: () => scene.namespaceUnknown,
    isWatched: (name) => !(scene.unwatched ?? []).includes(name),
    synced: Promise.resolve(),
    notSynced: () => undefined,
    start: () => {},
    stop: async () => {},
  };
  const applied: DeploymentObject[] = [];
  const client: Requests = {
    async request<T>({ method, path, body }: KubeRequest) {
      const failure = scene.fails?.[path];
      if (failure !== undefined) throw failure;
      const found = storeOf(scene, applied)[path];
      if (method === 'GET') asked.push(path);
      else did.push(`delete ${path.replace(/^.*namespaces\/(.*)\/deployments\/(.*)$/, '$1/$2')}`);
      if (method === 'DELETE') expect(body).to.have.property('preconditions');
      if (found === undefined) throw new KubeError('not found', { status: 404, reason: 'NotFound' });
      return found as T; // the caller names what is kept under the path
    },
  };
  const reconcile = createReconciler({
    client,
    world,
    written: createOwnWrites(),
    render: { dispatcherImage: 'dispatcher:1', timezone: 'UTC' },
    releaseNamespace: 'release',
    applier: {
      async apply({ rendered }) {
        did.push(`apply ${rendered.namespace}/${rendered.name}`);
        const made = deployment(rendered.namespace, rendered.name);
        if (scene.outcome === undefined) applied.push(made);
        return scene.outcome ?? { deployment: made };
      },
      forget: () => did.push('forget'),
    },
    sweeper: createSweeper({
      client,
      managedBy: MANAGED_BY,
      onDeleted: () => {},
      logger: createLogger('silent'),
    }),
    observer: createObserver({
      world,
      podEvents: { of: async () => ({ events: [] }) },
      dispatchers: { of: () => [], age: () => undefined },
    }),
    statuses: {
      async write(_, __, next) {
        statuses.push(next);
        return scene.contestedFor;
      },
      async tell(_, { reason, note }) {
        told.push(`${reason}: ${note}`);
      },
      toldFrom: () => undefined,
      forget: () => {},
    },
    rollouts: createRollouts({ max: 1, wake: () => {} }),
  });
  const ready = () => statuses.at(-1)?.conditions?.find(({ type }) => type === 'Ready');
  return { reconcile, did, asked, statuses, told, ready };
}

export const elsewhere = (namespace: string) => ({ ...SPEC, deployment: { metadata: { namespace } } });
