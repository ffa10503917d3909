import { expect } from 'chai';
import { pulsarTrigger } from '../../../api/kinds/pulsar-trigger.ts';
import type { ApplyOutcome } from '../../../controller/apply.ts';
import { KubeError } from '../../../controller/kube/client.ts';
import type {
  DeploymentObject,
  NamespaceObject,
  TriggerObject,
  TriggerStatus,
} from '../../../controller/kube/objects.ts';
import { createObserver } from '../../../controller/observer.ts';
import { createOwnWrites } from '../../../controller/own-writes.ts';
import { createReconciler } from '../../../controller/reconciler.ts';
import { createRollouts } from '../../../controller/rollouts.ts';
import type { World } from '../../../controller/world.ts';

const KEY = 'PulsarTrigger/ns/orders';
const SPEC = {
  pulsar: { topic: 'orders', broker: 'pulsar://broker' },
  kubeless: { function: 'http://f.example:8080' },
};

const EXCEEDED = 'deployments.apps "orders-pulsar" is forbidden: exceeded quota: none';

function trigger(spec: unknown = SPEC, metadata: Partial<TriggerObject['metadata']> = {}): TriggerObject {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'orders', namespace: 'ns', uid: 'u', resourceVersion: '1', generation: 3, ...metadata },
    spec,
  };
}

function deployment(namespace: string, name = 'orders-pulsar'): DeploymentObject {
  return {
    metadata: { name, namespace, uid: `${namespace}/${name}`, resourceVersion: '1', generation: 1 },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1 },
  };
}

interface Scene {
  readonly trigger?: TriggerObject;
  readonly deployments?: readonly DeploymentObject[];
  /** The value of the annotation. */
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly outcome?: ApplyOutcome;
  readonly unwatched?: readonly string[];
  /** What the API server has, where the informer has nothing. */
  readonly live?: TriggerObject;
}

/** One look at one trigger, and all that came of it. */
function setUp(scene: Scene) {
  const did: string[] = [];
  const statuses: TriggerStatus[] = [];
  const world: World = {
    trigger: () => (scene.trigger === undefined ? undefined : { kind: pulsarTrigger, object: scene.trigger }),
    keys: () => [KEY],
    triggers: () => [],
    deployment: () => undefined,
    deploymentsOf: () => scene.deployments ?? [],
    podsOf: () => [],
    pods: () => [],
    hasService: () => false,
    namespace: (name): NamespaceObject | undefined => {
      const from = scene.namespaces?.[name];
      if (from === undefined) return undefined;
      return {
        metadata: { name, uid: name, resourceVersion: '1', annotations: { 'kubeless.io/triggers-from': from } },
      };
    },
    isWatched: (name) => !(scene.unwatched ?? []).includes(name),
    synced: Promise.resolve(),
    notSynced: () => undefined,
    start: () => {},
    stop: async () => {},
  };
  const reconcile = createReconciler({
    client: {
      async request<T>({ path }: { path: string }) {
        did.push(`get ${path}`);
        if (scene.live === undefined) throw new KubeError('not found', { status: 404, reason: 'NotFound' });
        return scene.live as T; // the only thing that is asked for here
      },
    },
    world,
    written: createOwnWrites(),
    render: { dispatcherImage: 'dispatcher:1', timezone: 'UTC' },
    releaseNamespace: 'release',
    applier: {
      async apply({ rendered }) {
        did.push(`apply ${rendered.namespace}/${rendered.name}`);
        return scene.outcome ?? { deployment: deployment(rendered.namespace, rendered.name) };
      },
      forget: () => did.push('forget'),
    },
    sweeper: {
      async sweep(deployments) {
        for (const { metadata } of deployments) did.push(`delete ${metadata.namespace}/${metadata.name}`);
      },
    },
    observer: createObserver({ world, podEvents: { of: async () => ({ events: [] }) }, dispatchers: { of: () => [] } }),
    statuses: {
      async write(_, __, next) {
        statuses.push(next);
      },
      lastWritten: () => undefined,
      forget: () => {},
    },
    rollouts: createRollouts({ max: 1, wake: () => {} }),
  });
  const ready = () => statuses.at(-1)?.conditions?.find(({ type }) => type === 'Ready');
  return { reconcile, did, statuses, ready };
}

const elsewhere = (namespace: string) => ({ ...SPEC, deployment: { metadata: { namespace } } });

describe('looking after a trigger', () => {
  it('does nothing for a key that is none', async () => {
    const { reconcile, did } = setUp({ deployments: [deployment('other')] });
    expect(await reconcile('nonsense')).to.equal(undefined);
    expect(did).to.deep.equal([]);
  });

  it('leaves what is beside a trigger that is gone to the garbage collector', async () => {
    const { reconcile, did, statuses } = setUp({ deployments: [deployment('ns')] });
    await reconcile(KEY);
    expect(did).to.deep.equal(['forget']);
    expect(statuses).to.deep.equal([]);
  });

  it('deletes what is elsewhere of a trigger that is gone, once the API server says that it is', async () => {
    const { reconcile, did } = setUp({ deployments: [deployment('ns'), deployment('other')] });
    await reconcile(KEY);
    const asked = 'get /apis/kubeless.io/v1/namespaces/ns/pulsartriggers/orders';
    expect(did).to.deep.equal(['forget', asked, 'delete other/orders-pulsar']);
  });

  it('deletes nothing of a trigger that only the informer does not know', async () => {
    const { reconcile, did } = setUp({ deployments: [deployment('other')], live: trigger() });
    expect(await reconcile(KEY)).to.have.property('again');
    expect(did.some((deed) => deed.startsWith('delete'))).to.equal(false);
  });

  it("leaves alone what is of others: kinds that it doesn't know, namespaces that it doesn't watch", async () => {
    const { reconcile, did } = setUp({ deployments: [deployment('other')], unwatched: ['ns'] });
    await reconcile('KafkaTrigger/ns/orders');
    await reconcile(KEY);
    expect(did).to.deep.equal([]);
  });

  it('makes nothing anew for a trigger that is about to go', async () => {
    const { reconcile, did } = setUp({ trigger: trigger(SPEC, { deletionTimestamp: '2026-01-01T00:00:00Z' }) });
    await reconcile(KEY);
    expect(did).to.deep.equal(['forget']);
  });

  it('keeps what runs when the spec has problems, and names them', async () => {
    const { reconcile, did, ready, statuses } = setUp({ trigger: trigger({}), deployments: [deployment('ns')] });
    await reconcile(KEY);
    expect(did).to.deep.equal([]);
    expect(ready()).to.include({ status: 'False', reason: 'InvalidSpec' });
    expect(statuses.at(-1)).to.include({ observedGeneration: 3, replicas: 1 });
  });

  it('has a problem of the override be one of the spec', async () => {
    const { reconcile, ready } = setUp({ trigger: trigger({ ...SPEC, deployment: { spec: 'all' } }) });
    await reconcile(KEY);
    expect(ready()).to.include({ reason: 'InvalidSpec' });
    expect(ready()?.message).to.include('spec.deployment.spec');
  });

  it('applies, and says how it is', async () => {
    const { reconcile, did, ready } = setUp({ trigger: trigger() });
    await reconcile(KEY);
    expect(did).to.deep.equal(['apply ns/orders-pulsar']);
    expect(ready()).to.include({ status: 'True', reason: 'Running' });
  });

  it('deletes the one before when the trigger wants its Deployment elsewhere', async () => {
    const { reconcile, did } = setUp({
      trigger: trigger(elsewhere('other')),
      deployments: [deployment('ns')],
      namespaces: { other: 'ns' },
    });
    await reconcile(KEY);
    expect(did.at(-1)).to.equal('delete ns/orders-pulsar');
    expect(did).to.have.length(2);
  });

  it('keeps the one before while the new one is refused', async () => {
    const { reconcile, did, ready } = setUp({
      trigger: trigger(elsewhere('other')),
      deployments: [deployment('ns')],
      namespaces: { other: 'ns' },
      outcome: { failure: { reason: 'QuotaExceeded', message: EXCEEDED }, again: 15_000 },
    });
    expect(await reconcile(KEY)).to.deep.equal({ again: 15_000 });
    expect(did).to.have.length(1);
    expect(ready()).to.include({ reason: 'QuotaExceeded' });
  });

  it('deletes what a namespace allows no longer, and keeps what is elsewhere', async () => {
    const { reconcile, did, ready } = setUp({
      trigger: trigger(elsewhere('other')),
      deployments: [deployment('ns'), deployment('other')],
      namespaces: { other: 'someone-else' },
    });
    await reconcile(KEY);
    expect(did).to.deep.equal(['delete other/orders-pulsar']);
    expect(ready()).to.include({ reason: 'NamespaceNotAllowed' });
  });

  it('says how it is before a failure is tried again', async () => {
    const error = new KubeError('timed out', { status: 504, reason: 'Timeout' });
    const { reconcile, statuses } = setUp({
      trigger: trigger(),
      outcome: { error, failure: { reason: 'ApplyFailed', message: 'timed out' } },
    });
    expect(await reconcile(KEY).catch((thrown) => thrown)).to.equal(error);
    expect(statuses).to.have.length(1);
  });

  it('says once that another controller is in the way, for they could quarrel for ever', async () => {
    const failure = { reason: 'NotOwned', message: 'is looked after by the controller a/b' } as const;
    const { reconcile, statuses, ready } = setUp({
      trigger: trigger(),
      outcome: { failure, rival: 'a/b', again: 60_000 },
    });
    for (let time = 0; time < 3; time++) await reconcile(KEY);
    expect(statuses).to.have.length(1);
    expect(ready()).to.include({ reason: 'NotOwned' });
  });
});
