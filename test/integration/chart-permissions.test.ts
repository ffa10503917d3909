import { expect } from 'chai';
import { createKubeClient, type KubeClient } from '../../controller/kube/client.ts';
import { CHART } from '../support/helm.ts';
import { triggerPath } from '../support/trigger-objects.ts';
import { useHelm } from '../support/use-helm.ts';
import { waitFor } from '../support/wait-for.ts';
import { useOwnCluster } from './chart/own-cluster.ts';
import { createPeople, type People, refusal } from './chart/people.ts';

describe('what the chart lets people do', function () {
  this.timeout(120_000);
  const cluster = useOwnCluster();
  const helm = useHelm(() => cluster().kubeconfig);
  let people: People;
  let release: string;
  let team: string;
  let other: string;

  before(async () => {
    [release, team, other] = [await cluster().namespace(), await cluster().namespace(), await cluster().namespace()];
    await install();
    const path = '/apis/kubeless.io/v1/pulsartriggers';
    await waitFor(() => cluster().admin.get(path), { what: 'the kind PulsarTrigger', timeout: 30_000 });
    people = createPeople(cluster(), team);
    await people.policy();
  });
  after(async () => {
    await people?.close();
    await helm()('uninstall', 'kpt', '-n', release, '--ignore-not-found');
    await cluster().kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
  });

  const install = (...args: readonly string[]) => helm()('upgrade', '--install', 'kpt', CHART, '-n', release, ...args);

  const create = (client: KubeClient, name: string, target?: string) =>
    people.create(client, name, target === undefined ? undefined : { metadata: { namespace: target } });
  const triggers = (name?: string) => triggerPath(team, name);

  it('the role edit writes triggers, for its own namespace', async () => {
    const editor = await people.somebody('editor', 'edit');
    await waitFor(async () => (await create(editor, 'allowed')) === undefined, { what: 'the role to be aggregated' });
    await editor.request({ method: 'DELETE', path: triggers('allowed') });
  });

  it('nobody puts a Deployment where they may not create one, and the refusal says so', async () => {
    const editor = await people.somebody('neighbour', 'edit');
    const refused = await create(editor, 'elsewhere', other);
    expect(refused?.status).to.equal(403);
    const account = `system:serviceaccount:${team}:neighbour`;
    expect(refused?.message).to.include(`a Deployment in namespace ${other}, where ${account} may not create`);
    expect(refused?.message).to.include('kpt-kubeless-triggers');
  });

  it('who may create Deployments there, too, may', async () => {
    const editor = await people.somebody('both', 'edit', [team, other]);
    expect(await create(editor, 'both', other)).to.equal(undefined);
  });

  it('who may write triggers alone makes none, and changes of them only what doesn’t run', async () => {
    const writer = await people.writer('writer');
    expect((await create(writer, 'writers'))?.status).to.equal(403);

    const editor = await people.somebody('maker', 'edit');
    expect(await create(editor, 'made')).to.equal(undefined);
    expect(await people.patch(writer, 'made', { metadata: { labels: { team: 'a' } } })).to.equal(undefined);
    expect((await people.patch(writer, 'made', { spec: { paused: true } }))?.status).to.equal(403);
    expect(await people.patch(editor, 'made', { spec: { paused: true } })).to.equal(undefined);
    expect(
      (await people.patch(editor, 'made', { spec: { deployment: { metadata: { namespace: other } } } }))?.status,
    ).to.equal(403);
  });

  it('the controller’s own writes pass', async () => {
    await waitFor(() => cluster().admin.find(triggers('made')), { what: 'the trigger of the test before' });
    const controller = createKubeClient({
      kubeconfig: await cluster().serviceAccountKubeconfig(release, 'kpt-kubeless-triggers'),
    });
    const path = `${triggers('made')}/status`;
    const body = { status: { replicas: 1 } };
    await controller.request({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
    await controller.close();
  });

  it('the role view sees triggers only where the values say so', async () => {
    const viewer = await people.somebody('viewer', 'view');
    const look = () => refusal(viewer.request({ method: 'GET', path: triggers() }));
    expect((await look())?.status).to.equal(403);
    await install('--set', 'userRoles.view=true');
    await waitFor(async () => (await look()) === undefined, { what: 'the role to be aggregated' });
  });

  it('the controller may do what it needs and no more', async () => {
    const kubeconfig = await cluster().serviceAccountKubeconfig(release, 'kpt-kubeless-triggers');
    const asks = async (namespace: string, verb: string, what: string) =>
      cluster()
        .kubectl('--kubeconfig', kubeconfig, 'auth', 'can-i', verb, what, '--namespace', namespace)
        .then(
          () => true,
          () => false,
        );
    const allowed = await Promise.all(
      [
        ['list', 'pulsartriggers.kubeless.io'],
        ['create', 'deployments.apps'],
        ['watch', 'pods'],
        ['create', 'events.events.k8s.io'],
      ].map(([verb = '', what = '']) => asks(team, verb, what)),
    );
    expect(allowed).to.deep.equal([true, true, true, true]);
    const denied = await Promise.all(
      [
        ['get', 'secrets'],
        ['list', 'configmaps'],
        ['create', 'pods'],
        ['update', 'deployments.apps'],
        ['patch', 'pulsartriggers.kubeless.io'],
        ['create', 'leases.coordination.k8s.io'],
        ['create', 'clusterroles.rbac.authorization.k8s.io'],
      ].map(([verb = '', what = '']) => asks(team, verb, what)),
    );
    expect(denied).to.deep.equal(denied.map(() => false));
    expect(await asks(release, 'update', 'leases.coordination.k8s.io')).to.equal(true);
  });
});
