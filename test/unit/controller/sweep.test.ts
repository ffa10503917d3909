import { expect } from 'chai';
import { createLogger } from '../../../common/logger.ts';
import { KubeError, type KubeRequest } from '../../../controller/kube/client.ts';
import type { DeploymentObject, KubeObject } from '../../../controller/kube/objects.ts';
import { createSweeper, type Sweep } from '../../../controller/sweep.ts';

const KEY = 'PulsarTrigger/ns/orders';
const MANAGER = 'release/kt';
const TRIGGER = 'kubeless.io/trigger';
const MANAGED_BY = 'kubeless.io/managed-by';
const NOT_FOUND = new KubeError('not found', { status: 404, reason: 'NotFound' });
const UNAVAILABLE = new KubeError('HTTP 503 without a Status object', { status: 503, reason: 'ServiceUnavailable' });
const CONFLICT = new KubeError('precondition failed', { status: 409, reason: 'Conflict' });

function deployment(metadata: Partial<DeploymentObject['metadata']> = {}): DeploymentObject {
  const annotations = { [TRIGGER]: KEY, [MANAGED_BY]: MANAGER };
  return {
    metadata: { name: 'orders', namespace: 'other', uid: 'u', resourceVersion: '7', annotations, ...metadata },
  };
}

interface Scene {
  /** What the API server has; what the informer held by default. */
  readonly live?: KubeObject;
  readonly get?: KubeError;
  readonly delete?: KubeError;
  readonly confirm?: Sweep['confirm'];
}

function setUp(held: DeploymentObject, scene: Scene = {}) {
  const requests: KubeRequest[] = [];
  const results: string[] = [];
  const sweeper = createSweeper({
    client: {
      async request<T>(asked: KubeRequest) {
        requests.push(asked);
        const failure = asked.method === 'GET' ? scene.get : scene.delete;
        if (failure !== undefined) throw failure;
        return (scene.live ?? held) as T; // what the sweeper asks for
      },
    },
    managedBy: MANAGER,
    onDeleted: (result) => results.push(result),
    logger: createLogger('silent'),
  });
  const sweep = () =>
    sweeper.sweep({ key: KEY, deployments: [held], why: 'of a test', confirm: scene.confirm ?? (async () => 'holds') });
  return { sweep, results, requests, deleted: () => requests.filter(({ method }) => method === 'DELETE') };
}

describe('sweeping', () => {
  it('deletes the object that was just read, and no other', async () => {
    const { sweep, deleted, results } = setUp(deployment(), { live: deployment({ resourceVersion: '9' }) });
    expect(await sweep()).to.deep.equal({ kind: 'holds' });
    expect(deleted()[0]?.body).to.deep.include({ preconditions: { uid: 'u', resourceVersion: '9' } });
    expect(results).to.deep.equal(['done']);
  });

  it('asks for no reason where there is nothing to delete', async () => {
    const { sweep, requests } = setUp(deployment({ deletionTimestamp: '2026-01-01T00:00:00Z' }), {
      confirm: () => Promise.reject(new Error('asked')),
    });
    expect(await sweep()).to.deep.equal({ kind: 'holds' });
    expect(requests).to.deep.equal([]);
  });

  for (const answer of ['passed', 'outdated'] as const) {
    it(`deletes nothing where the reason is ${answer}`, async () => {
      const { sweep, requests } = setUp(deployment(), { confirm: async () => answer });
      expect(await sweep()).to.deep.equal({ kind: answer });
      expect(requests).to.deep.equal([]);
    });
  }

  it('deletes nothing where the reason can not be told', async () => {
    const { sweep, requests } = setUp(deployment(), { confirm: () => Promise.reject(UNAVAILABLE) });
    expect(await sweep()).to.deep.equal({ kind: 'unknown', error: UNAVAILABLE });
    expect(requests).to.deep.equal([]);
  });

  const marks = (annotations: Record<string, string>) => deployment({ annotations });
  const kept: readonly [what: string, held: DeploymentObject, live?: DeploymentObject][] = [
    ["another installation's", marks({ [TRIGGER]: KEY, [MANAGED_BY]: 'other/kt' })],
    ['one that says nothing of whose it is', marks({})],
    ['one of another trigger', marks({ [TRIGGER]: 'PulsarTrigger/ns/stock', [MANAGED_BY]: MANAGER })],
    ["one of no installation and another trigger's", marks({ [TRIGGER]: 'PulsarTrigger/ns/stock' })],
    ["what became another installation's", deployment(), marks({ [TRIGGER]: KEY, [MANAGED_BY]: 'other/kt' })],
    ['what lost all that it said', deployment(), marks({})],
    ['another one that has the name since', deployment(), deployment({ uid: 'v' })],
    ['what is about to go', deployment(), deployment({ deletionTimestamp: '2026-01-01T00:00:00Z' })],
  ];
  for (const [what, held, live] of kept) {
    it(`leaves alone ${what}`, async () => {
      const { sweep, deleted } = setUp(held, { ...(live && { live }) });
      await sweep();
      expect(deleted()).to.deep.equal([]);
    });
  }

  const taken: readonly [what: string, annotations: Record<string, string>][] = [
    ['says nothing of an installation, but that it is of the trigger', { [TRIGGER]: KEY }],
    ["is this installation's, though somebody took the trigger's name away", { [MANAGED_BY]: MANAGER }],
    ["is this installation's, though somebody spoilt the trigger's name", { [MANAGED_BY]: MANAGER, [TRIGGER]: 'no' }],
  ];
  for (const [what, annotations] of taken) {
    it(`deletes one that ${what}`, async () => {
      const { sweep, deleted } = setUp(marks(annotations));
      await sweep();
      expect(deleted()).to.have.length(1);
    });
  }

  it('is content with one that is gone already', async () => {
    for (const scene of [{ get: NOT_FOUND }, { delete: NOT_FOUND }]) {
      const { sweep, results } = setUp(deployment(), scene);
      expect(await sweep()).to.deep.equal({ kind: 'holds' });
      expect(results).to.deep.equal([]);
    }
  });

  for (const [what, scene] of Object.entries({
    'the Deployment can not be read': { get: UNAVAILABLE },
    'it can not be deleted': { delete: UNAVAILABLE },
    'somebody else wrote to it in between': { delete: CONFLICT },
  })) {
    it(`is to be tried again where ${what}`, async () => {
      const { sweep, results } = setUp(deployment(), scene);
      const error = await sweep().catch((thrown: unknown) => thrown);
      expect(error)
        .to.be.an('error')
        .with.property('message')
        .that.matches(/^deleting the Deployment other\/orders: /);
      expect(results).to.deep.equal(['failed']);
    });
  }
});
