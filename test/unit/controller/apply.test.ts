import { expect } from 'chai';
import { parseTrigger } from '../../../api/trigger.ts';
import { createApplier } from '../../../controller/apply.ts';
import { KubeError } from '../../../controller/kube/client.ts';
import type { DeploymentObject } from '../../../controller/kube/objects.ts';
import { createOwnWrites } from '../../../controller/own-writes.ts';
import { type Rendered, renderDeployment } from '../../../controller/render/deployment.ts';
import { KUBERNETES_VERSION } from '../../../controller/render/kubernetes-types.ts';
import { createRollouts } from '../../../controller/rollouts.ts';
import { createFakeDeployments } from './fake-deployments.ts';

const KEY = 'PulsarTrigger/ns/orders';
const PATH = '/apis/apps/v1/namespaces/ns/deployments/orders-pulsar';
const PATCH = `PATCH ${PATH}`;
const GET = `GET ${PATH}`;

/** Everything that an applier needs, with a clock that stands still; the informer sees all at once unless it lags. */
function setUp({ max = 10, managedBy = 'release/kt' } = {}) {
  const client = createFakeDeployments();
  const stage = { clock: 0, lags: false, seen: undefined as DeploymentObject | undefined };
  const contests: number[] = [];
  const rollouts = createRollouts({ max, wake: () => {}, now: () => stage.clock });
  const create = (manager = managedBy) =>
    createApplier({
      client,
      held: () => (stage.lags ? stage.seen : client.get(PATH)),
      written: createOwnWrites(() => stage.clock),
      rollouts,
      managedBy: manager,
      onWrite: () => {},
      onContested: () => contests.push(stage.clock),
      now: () => stage.clock,
    });
  return { client, stage, contests, rollouts, create, applier: create() };
}

function render(fields: { uid?: string; topic?: string; image?: string; deployment?: object } = {}): Rendered {
  const { uid = 'u1', topic = 'orders', image = 'dispatcher:1', deployment = {} } = fields;
  const manifest = {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'orders', namespace: 'ns', uid },
    spec: { pulsar: { topic, broker: 'pulsar://broker' }, kubeless: { function: 'http://function' }, deployment },
  };
  const parsed = parseTrigger(manifest);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const rendered = renderDeployment(parsed.trigger, manifest, { dispatcherImage: image, timezone: 'UTC' });
  if ('problems' in rendered) throw new Error(JSON.stringify(rendered.problems));
  return rendered;
}

const wanted = (rendered: Rendered, wasReady = true) => ({ key: KEY, rendered, wasReady });

describe('applying a Deployment', () => {
  it('looks whether one is there, and makes it', async () => {
    const { client, applier } = setUp();
    const { deployment, failure } = await applier.apply(wanted(render()));
    expect(client.requests).to.deep.equal([GET, PATCH]);
    expect(failure).to.equal(undefined);
    expect(deployment?.metadata.annotations).to.include({ 'kubeless.io/managed-by': 'release/kt' });
  });

  it('writes over nothing where it is not the API server that says that nothing is there', async () => {
    const { client, stage, applier } = setUp();
    client.touch(PATH, { metadata: { name: 'orders-pulsar', labels: { app: 'theirs' } } });
    stage.lags = true;
    const path = new KubeError('HTTP 404 without a Status object', { status: 404, reason: 'PathNotFound' });
    client.failReading(path);
    expect(await applier.apply(wanted(render()))).to.include({ error: path });
    client.failReading(undefined);
    expect((await applier.apply(wanted(render()))).failure).to.include({ reason: 'NotOwned' });
    expect(client.requests).to.deep.equal([GET, GET]);
  });

  it('writes nothing more while all is in place', async () => {
    const { client, applier } = setUp();
    for (let time = 0; time < 3; time++) await applier.apply(wanted(render()));
    expect(client.requests).to.deep.equal([GET, PATCH]);
  });

  it('knows what it wrote before the informer does', async () => {
    const { client, stage, applier } = setUp();
    stage.lags = true;
    await applier.apply(wanted(render()));
    await applier.apply(wanted(render()));
    expect(client.requests).to.deep.equal([GET, PATCH]);
  });

  it('applies once after a restart, which changes nothing', async () => {
    const { client, applier, create } = setUp();
    await applier.apply(wanted(render()));
    const before = client.get(PATH);
    const restarted = create();
    for (let time = 0; time < 3; time++) await restarted.apply(wanted(render()));
    expect(client.requests).to.deep.equal([GET, PATCH, PATCH]);
    expect(client.get(PATH)).to.equal(before);
  });

  it('applies again what somebody else wrote over, first at once and then less often', async () => {
    const { client, stage, applier } = setUp();
    await applier.apply(wanted(render()));
    client.touch(PATH, { spec: { strategy: 'theirs' } });
    expect(await applier.apply(wanted(render()))).not.to.have.property('again');
    client.touch(PATH, { spec: { strategy: 'theirs' } });
    const { again = 0 } = await applier.apply(wanted(render()));
    expect(again).to.be.within(100, 250);
    expect(client.requests).to.deep.equal([GET, PATCH, PATCH]);
    stage.clock += again;
    await applier.apply(wanted(render()));
    expect(client.requests).to.deep.equal([GET, PATCH, PATCH, `TRY ${PATH}`, PATCH]);
  });

  it('tells who writes over it from the second time on, and not of a change by hand', async () => {
    const { client, stage, contests, applier } = setUp();
    await applier.apply(wanted(render()));
    const conflict = 'Apply failed with 1 conflict: conflict with "other" using apps/v1: .spec.replicas';
    client.failTrying(new KubeError(conflict, { status: 409, reason: 'Conflict' }));
    const isTold = async () => {
      client.touch(PATH, { spec: { strategy: 'theirs' } });
      const { contested } = await applier.apply(wanted(render()));
      expect(client.get(PATH)).not.to.have.nested.property('spec.strategy', 'theirs');
      return contested;
    };
    expect(await isTold()).to.equal(undefined);
    stage.clock += 1_000;
    expect(await isTold()).to.equal(conflict);
    // Nobody owns what was only taken away.
    client.failTrying(undefined);
    stage.clock += 1_000;
    expect(await isTold()).to.include('Deployment orders-pulsar in ns is changed or taken away');
    stage.clock += 60_000;
    expect(await isTold()).to.equal(undefined);
    expect(contests).to.deep.equal([0, 1_000, 2_000, 62_000]);
  });

  it('is no fight where something else was rendered meanwhile', async () => {
    const { client, stage, contests, applier } = setUp();
    for (const topic of ['a', 'b', 'c']) {
      await applier.apply(wanted(render({ topic })));
      client.touch(PATH, { spec: { strategy: 'theirs' } });
      stage.clock += 1_000;
    }
    expect(contests).to.deep.equal([]);
  });

  it('puts metadata back that was taken away', async () => {
    const { client, applier } = setUp();
    await applier.apply(wanted(render()));
    client.touch(PATH, { metadata: { labels: {} } });
    await applier.apply(wanted(render()));
    expect(client.get(PATH)?.metadata.labels).to.have.property('kubeless.io/trigger-id');
  });

  it('adopts the Deployment of an earlier trigger of the same name', async () => {
    const { client, applier } = setUp();
    await applier.apply(wanted(render({ uid: 'old' })));
    await applier.apply(wanted(render({ uid: 'new' })));
    expect(client.get(PATH)?.metadata.ownerReferences?.map(({ uid }) => uid)).to.deep.equal(['new']);
  });

  it('knows its own by the selector when label and annotation are gone', async () => {
    const { client, applier } = setUp();
    await applier.apply(wanted(render()));
    client.touch(PATH, { metadata: { labels: {}, annotations: {}, ownerReferences: [] } });
    expect(await applier.apply(wanted(render()))).not.to.have.property('failure');
    expect(client.get(PATH)?.metadata.annotations).to.have.property('kubeless.io/trigger', KEY);
  });

  it('waits for one that is about to go', async () => {
    const { client, applier } = setUp();
    await applier.apply(wanted(render()));
    client.touch(PATH, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(await applier.apply(wanted(render({ topic: 'other' })))).to.have.property('again');
    expect(client.requests).to.deep.equal([GET, PATCH]);
  });

  it("leaves alone what isn't the trigger's", async () => {
    const { client, stage, applier } = setUp();
    client.touch(PATH, { metadata: { name: 'orders-pulsar', namespace: 'ns', labels: { app: 'other' } } });
    stage.lags = true;
    const { failure, rival } = await applier.apply(wanted(render()));
    expect(failure?.reason).to.equal('NotOwned');
    expect(rival).to.equal(undefined);
    expect(client.requests).to.deep.equal([GET]);
  });

  it('leaves alone what another controller looks after', async () => {
    const { client, applier, create } = setUp();
    await applier.apply(wanted(render()));
    const { failure, rival } = await create('elsewhere/kt').apply(wanted(render()));
    expect(failure?.reason).to.equal('NotOwned');
    expect(rival).to.equal('release/kt');
    expect(client.requests).to.deep.equal([GET, PATCH]);
  });

  it('tries what the server will never take once, until something else is rendered', async () => {
    const { client, applier } = setUp();
    client.fail(new KubeError('spec.replicas: Invalid value', { status: 422, reason: 'Invalid' }));
    for (let time = 0; time < 3; time++) {
      const { failure, error } = await applier.apply(wanted(render()));
      expect(failure).to.deep.equal({ reason: 'InvalidDeployment', message: 'spec.replicas: Invalid value' });
      expect(error).to.equal(undefined);
    }
    expect(client.requests.filter((request) => request === PATCH)).to.have.length(1);
    client.fail(undefined);
    expect(await applier.apply(wanted(render({ topic: 'other' })))).not.to.have.property('failure');
  });

  it('says what was probably meant by a name that the server does not know', async () => {
    const { client, applier } = setUp();
    const message =
      'failed to create typed patch object (ns/orders-pulsar): .spec.tempalte: field not declared in schema';
    client.fail(new KubeError(message, { status: 500, reason: 'InternalError' }));
    const { failure } = await applier.apply(wanted(render({ deployment: { spec: { tempalte: {} } } })));
    expect(failure?.message).to.equal(
      `${message}; spec.deployment.spec.tempalte isn't a field of spec.deployment.spec in Kubernetes ` +
        `${KUBERNETES_VERSION}. Did you mean template?`,
    );
  });

  it('retries what passes by itself, and speaks of it when it lasts', async () => {
    const { client, stage, applier } = setUp();
    const error = new KubeError('etcdserver: request timed out', { status: 500, reason: 'InternalError' });
    client.fail(error);
    expect(await applier.apply(wanted(render()))).to.deep.equal({ deployment: undefined, error });
    stage.clock += 3_000;
    expect((await applier.apply(wanted(render()))).failure?.reason).to.equal('ApplyFailed');
    client.fail(undefined);
    expect(await applier.apply(wanted(render()))).not.to.have.any.keys('failure', 'error');
  });

  it('looks again after a while at what people have to remove', async () => {
    const { client, applier } = setUp();
    client.fail(new KubeError('is forbidden: a policy', { status: 403, reason: 'Forbidden' }));
    const { failure, again } = await applier.apply(wanted(render()));
    expect(failure?.reason).to.equal('Forbidden');
    expect(again).to.be.within(5_000, 60_000);
  });

  it('lets changes of its own wait for their turn, and those of users not', async () => {
    const { client, rollouts, applier } = setUp({ max: 1 });
    await applier.apply(wanted(render()));
    rollouts.begin('another', true);
    const upgraded = await applier.apply(wanted(render({ image: 'dispatcher:2' })));
    expect(upgraded.outdated).to.equal('RolloutPending');
    const changed = await applier.apply(wanted(render({ image: 'dispatcher:2', topic: 'other' })));
    expect(changed).not.to.have.property('outdated');
    expect(client.requests).to.deep.equal([GET, PATCH, PATCH]);
  });

  it('says so when changes of its own are paused', async () => {
    const { rollouts, applier } = setUp();
    await applier.apply(wanted(render()));
    for (const key of ['a', 'b', 'c']) {
      rollouts.begin(key, true);
      rollouts.observe(key, 'failed');
    }
    const { outdated } = await applier.apply(wanted(render({ image: 'dispatcher:2' })));
    expect(outdated).to.equal('RolloutPaused');
  });
});
