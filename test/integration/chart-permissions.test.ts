import { expect } from 'chai';
import { createKubeClient, type KubeClient, KubeError } from '../../controller/kube/client.ts';
import { CHART } from '../support/helm.ts';
import { useHelm } from '../support/use-helm.ts';
import { waitFor } from '../support/wait-for.ts';
import { useOwnCluster } from './chart/own-cluster.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

describe('what the chart lets people do', function () {
  this.timeout(120_000);
  const cluster = useOwnCluster();
  const helm = useHelm(() => cluster().kubeconfig);
  const clients: KubeClient[] = [];
  let release: string;
  let team: string;
  let other: string;

  before(async () => {
    [release, team, other] = [await cluster().namespace(), await cluster().namespace(), await cluster().namespace()];
    await install();
    const path = '/apis/kubeless.io/v1/pulsartriggers';
    await waitFor(() => cluster().admin.get(path), { what: 'the kind PulsarTrigger', timeout: 30_000 });
    await cluster().admin.post(`${RBAC}/clusterroles`, {
      metadata: { name: 'triggers-alone' },
      rules: [{ apiGroups: ['kubeless.io'], resources: ['pulsartriggers'], verbs: ['*'] }],
    });
    // The API server takes a moment to see a policy.
    const writer = await somebody('first', 'triggers-alone');
    const isRefused = async () => {
      const refused = (await create(writer, 'first'))?.message.includes('may not create');
      if (!refused) await writer.request({ method: 'DELETE', path: triggers('first') });
      return refused;
    };
    await waitFor(isRefused, { what: 'the policy', timeout: 30_000, interval: 200 });
  });
  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await helm()('uninstall', 'kpt', '-n', release, '--ignore-not-found');
    await cluster().kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
    await cluster().kubectl('delete', 'clusterrole', 'triggers-alone', '--ignore-not-found');
  });

  const install = (...args: readonly string[]) => helm()('upgrade', '--install', 'kpt', CHART, '-n', release, ...args);

  /** Somebody of the team with a role of the cluster in each of these namespaces, by default the team's. */
  async function somebody(name: string, role: string, namespaces: readonly string[] = [team]): Promise<KubeClient> {
    const kubeconfig = await cluster().serviceAccountKubeconfig(team, name);
    for (const namespace of namespaces) {
      await cluster().admin.post(`${RBAC}/namespaces/${namespace}/rolebindings`, {
        metadata: { name: `${name}-${role}` },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'ServiceAccount', name, namespace: team }],
      });
    }
    const client = createKubeClient({ kubeconfig });
    clients.push(client);
    return client;
  }

  /** Resolves with undefined where it was taken. */
  async function create(client: KubeClient, name: string, target?: string): Promise<KubeError | undefined> {
    const deployment = target === undefined ? {} : { deployment: { metadata: { namespace: target } } };
    const spec = {
      pulsar: { broker: 'pulsar://pulsar.example:6650', topic: 'orders' },
      kubeless: { function: 'http://orders.default:8080' },
      ...deployment,
    };
    const body = { apiVersion: 'kubeless.io/v1', kind: 'PulsarTrigger', metadata: { name }, spec };
    return refusal(client.request({ method: 'POST', path: triggers(), body }));
  }
  const triggers = (name = '') => `/apis/kubeless.io/v1/namespaces/${team}/pulsartriggers${name && `/${name}`}`;
  const patch = (client: KubeClient, name: string, body: object) =>
    refusal(
      client.request({ method: 'PATCH', path: triggers(name), body, contentType: 'application/merge-patch+json' }),
    );

  it('the role edit writes triggers, for its own namespace', async () => {
    const editor = await somebody('editor', 'edit');
    await waitFor(async () => (await create(editor, 'allowed')) === undefined, { what: 'the role to be aggregated' });
    await editor.request({ method: 'DELETE', path: triggers('allowed') });
  });

  it('nobody puts a Deployment where they may not create one, and the refusal says so', async () => {
    const editor = await somebody('neighbour', 'edit');
    const refused = await create(editor, 'elsewhere', other);
    expect(refused?.status).to.equal(403);
    const account = `system:serviceaccount:${team}:neighbour`;
    expect(refused?.message).to.include(`a Deployment in namespace ${other}, where ${account} may not create`);
    expect(refused?.message).to.include('kpt-kubeless-triggers');
  });

  it('who may create Deployments there, too, may', async () => {
    const editor = await somebody('both', 'edit', [team, other]);
    expect(await create(editor, 'both', other)).to.equal(undefined);
  });

  it('who may write triggers alone makes none, and changes of them only what doesn’t run', async () => {
    const writer = await somebody('writer', 'triggers-alone');
    expect((await create(writer, 'writers'))?.status).to.equal(403);

    const editor = await somebody('maker', 'edit');
    expect(await create(editor, 'made')).to.equal(undefined);
    expect(await patch(writer, 'made', { metadata: { labels: { team: 'a' } } })).to.equal(undefined);
    expect((await patch(writer, 'made', { spec: { paused: true } }))?.status).to.equal(403);
    expect(await patch(editor, 'made', { spec: { paused: true } })).to.equal(undefined);
    expect(
      (await patch(editor, 'made', { spec: { deployment: { metadata: { namespace: other } } } }))?.status,
    ).to.equal(403);
  });

  it('the controller’s own writes pass', async () => {
    await waitFor(() => cluster().admin.find(triggers('made')), { what: 'the trigger of the test before' });
    const controller = createKubeClient({
      kubeconfig: await cluster().serviceAccountKubeconfig(release, 'kpt-kubeless-triggers'),
    });
    clients.push(controller);
    const path = `${triggers('made')}/status`;
    const body = { status: { replicas: 1 } };
    await controller.request({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
  });

  it('the role view sees triggers only where the values say so', async () => {
    const viewer = await somebody('viewer', 'view');
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

async function refusal(call: Promise<unknown>): Promise<KubeError | undefined> {
  return call.then(
    () => undefined,
    (error) => {
      if (error instanceof KubeError) return error;
      throw error;
    },
  );
}
