import { expect } from 'chai';
import { KubeError } from '../../../controller/kube/client.ts';
import { deployment, EXCEEDED, elsewhere, KEY, SPEC, setUp, TRIGGER, trigger } from './reconciler-scene.ts';

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
    const { reconcile, did, asked } = setUp({ deployments: [deployment('ns'), deployment('other')] });
    await reconcile(KEY);
    expect(asked).to.include(TRIGGER);
    expect(did).to.deep.equal(['forget', 'delete other/orders-pulsar']);
  });

  it('deletes what is elsewhere of a trigger that went with its definition, as the watch told', async () => {
    const path = new KubeError('HTTP 404 without a Status object', { status: 404, reason: 'PathNotFound' });
    const scene = { deployments: [deployment('other')], fails: { [TRIGGER]: path } };
    const { reconcile, did } = setUp({ ...scene, wasDeleted: true });
    await reconcile(KEY);
    expect(did).to.deep.equal(['forget', 'delete other/orders-pulsar']);
  });

  it('deletes nothing of a trigger that only the informer does not know', async () => {
    const { reconcile, did } = setUp({ deployments: [deployment('other')], live: { [TRIGGER]: trigger() } });
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

  it('tells who keeps writing over its Deployment, in a sentence that fits with its cure', async () => {
    const contested = `conflict with "other" using apps/v1: ${'.spec.template.spec.x\n- '.repeat(100)}`;
    const { reconcile, told } = setUp({ trigger: trigger(), outcome: { deployment: deployment('ns'), contested } });
    await reconcile(KEY);
    const [event = ''] = told;
    expect(told).to.have.length(1);
    expect(event).to.match(
      /^Contested: Somebody else keeps writing over what the controller sets: conflict with "other"/,
    );
    expect(event).to.match(/Have the other leave these fields alone, or write what it wants into spec\.deployment\.$/);
    expect(Buffer.byteLength(event)).to.be.lessThan(1024);
  });

  it('comes back for a status that it leaves to somebody else for a while', async () => {
    const scene = { trigger: trigger(), outcome: { deployment: deployment('ns') } };
    expect(await setUp({ ...scene, contestedFor: 40 }).reconcile(KEY)).to.deep.equal({ again: 40 });
  });

  it('tells nothing while nobody writes over it', async () => {
    const { reconcile, told } = setUp({ trigger: trigger(), outcome: { deployment: deployment('ns') } });
    await reconcile(KEY);
    expect(told).to.deep.equal([]);
  });

  it('says of a trigger that is about to go that it is, and what runs until then', async () => {
    const leaving = trigger(SPEC, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    const { reconcile, ready, statuses } = setUp({ trigger: leaving, deployments: [deployment('ns')] });
    await reconcile(KEY);
    expect(ready()).to.include({ status: 'False', reason: 'Deleting' });
    expect(statuses.at(-1)).to.include({ replicas: 1 });
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
