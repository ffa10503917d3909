/** The Kubernetes that other tests rely on: pods, garbage collection, tokens, restarts, compaction, the audit log. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect } from 'chai';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import { useKubernetes, useNamespaces } from '../servers/kubernetes/shared.ts';
import { kubernetesTools, MissingToolsError } from '../servers/kubernetes/tools.ts';
import { connectUsersCluster } from '../servers/kubernetes/users-cluster.ts';
import { waitFor } from '../support/wait-for.ts';

describe('Kubernetes server', function () {
  this.timeout(60_000);
  const kubernetes = useKubernetes();

  it('makes the pods of a Deployment Ready, and deletes them with it', async () => {
    const { admin, namespace } = kubernetes();
    const ns = await namespace();
    const { path } = await createDeployment(ns);

    await waitFor(async () => (await admin.get(path)).status?.readyReplicas === 2, { what: 'two Ready pods' });
    const [first, second] = (await podsOf(ns)).map(({ status }) => String(status.podIP));
    expect(first)
      .to.match(/^127\.[1-9]\d*\./)
      .and.not.to.equal(second);
    // What a test serves there is what the pod serves.
    const server = createServer((_, response) => response.end('status of a pod')).listen(8080, first);
    await once(server, 'listening');
    expect(await (await fetch(`http://${first}:8080/status`)).text()).to.equal('status of a pod');
    server.close();
    server.closeAllConnections();

    await admin.delete(path);
    await waitFor(async () => (await podsOf(ns)).length === 0, { what: 'the pods to be gone' });
  });

  it('leaves the pods of a held namespace to the test', async () => {
    const { admin, namespace, setPodStatus, kubectl } = kubernetes();
    const ns = await namespace({ heldPods: true });
    const { path } = await createDeployment(ns);
    const pods = await waitFor(
      async () => {
        const found = await podsOf(ns);
        return found.length === 2 && found.every(({ spec }) => spec.nodeName) && found;
      },
      { what: 'two scheduled pods' },
    );
    const [ready, crashing] = pods.map(({ metadata }) => ({ namespace: ns, name: metadata.name }));
    if (!ready || !crashing) throw new Error('there are two pods');

    await setPodStatus(ready, {
      phase: 'Running',
      podIP: '127.9.8.7',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [aContainer({ ready: true, state: { running: {} } })],
    });
    await setPodStatus(crashing, {
      phase: 'Running',
      containerStatuses: [
        aContainer({
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
          lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'TRIGGER is missing' } },
        }),
      ],
    });

    const listed = await kubectl('get', 'pods', '--namespace', ns, '--no-headers', '--output', 'wide');
    expect(listed)
      .to.match(/1\/1 +Running .*127\.9\.8\.7/)
      .and.match(/0\/1 +CrashLoopBackOff +3/);
    await waitFor(async () => (await admin.get(path)).status?.readyReplicas === 1, { what: 'one Ready pod' });
  });

  it('keeps what it was given over a restart of its API server', async () => {
    const { admin, namespace, restart, pid } = kubernetes();
    const path = `/api/v1/namespaces/${await namespace()}/configmaps`;
    const { metadata } = await admin.post(path, { metadata: { name: 'kept' }, data: { a: '1' } });
    const before = pid('kube-apiserver');

    await restart('kube-apiserver');
    expect(pid('kube-apiserver')).to.be.a('number').and.not.to.equal(before);
    expect((await admin.get(`${path}/kept`)).metadata.uid).to.equal(metadata.uid);
  });

  it('makes pods Ready soon after a restart of its API server', async () => {
    const { admin, namespace, restart } = kubernetes();
    await restart('kube-apiserver');
    const { path } = await createDeployment(await namespace());
    const isReady = async () => (await admin.get(path)).status?.readyReplicas === 2;
    await waitFor(isReady, { timeout: 10_000, what: 'two Ready pods' });
    await admin.delete(path);
  });

  it('answers 410 to a watch from before a compaction', async () => {
    const { admin, namespace, compact } = kubernetes();
    const path = `/api/v1/namespaces/${await namespace()}/configmaps`;
    const { metadata } = await admin.post(path, { metadata: { name: 'changing' } });
    await admin.patch(`${path}/changing`, { data: { a: '1' } });
    const query = { watch: 'true', resourceVersion: metadata.resourceVersion, timeoutSeconds: '1' };
    expect((await admin.request('GET', path, { query })).text).to.match(/^{"type":"MODIFIED"/);

    await compact();
    expect((await admin.request('GET', path, { query })).text).to.match(/^{"type":"ERROR".*"code":410/);
  });

  it('writes down who wrote what', async () => {
    const { admin, namespace, auditEvents } = kubernetes();
    const ns = await namespace();
    const path = `/api/v1/namespaces/${ns}/configmaps`;
    await admin.post(path, { metadata: { name: 'written' } });
    await admin.get(`${path}/written`);
    await admin.request('POST', path, { body: { metadata: { name: 'NOT A NAME' } } });
    await admin.delete(`${path}/written`);

    const ours = async () =>
      (await auditEvents())
        .filter(({ namespace, resource, user }) => namespace === ns && resource === 'configmaps' && user === 'admin')
        .map(({ verb, name, code }) => `${verb} ${name} ${code}`);
    await waitFor(async () => (await ours()).length >= 3, { what: 'three entries' });
    expect(await ours()).to.deep.equal(['create written 201', 'create NOT A NAME 422', 'delete written 200']);
  });

  it('is used through a kubeconfig too, of which nothing stays but namespaces that are being deleted', async () => {
    const { kubeconfig, url, admin } = kubernetes();
    const { cluster, stop } = await connectUsersCluster(kubeconfig);
    const ns = await cluster.namespace({ labels: { team: 'shop' } });
    expect(cluster.url).to.equal(url);
    expect(await cluster.kubectl('get', 'namespace', ns, '--show-labels')).to.include('team=shop');

    await stop();
    expect((await admin.find(`/api/v1/namespaces/${ns}`))?.status.phase).to.be.oneOf(['Terminating', undefined]);
  });

  it('says which program the folder in KUBERNETES_BIN lacks', async () => {
    const { KUBERNETES_BIN } = process.env;
    try {
      process.env.KUBERNETES_BIN = '/nonexistent';
      const error = await kubernetesTools(['kubectl']).catch((reason) => reason);
      expect(error).to.be.an.instanceOf(MissingToolsError);
      expect(error.message).to.equal(
        "starting Kubernetes: KUBERNETES_BIN=/nonexistent has no program 'kubectl': " +
          'put it there, or unset KUBERNETES_BIN to have it built with Go',
      );
    } finally {
      if (KUBERNETES_BIN === undefined) delete process.env.KUBERNETES_BIN;
      else process.env.KUBERNETES_BIN = KUBERNETES_BIN;
    }
  });

  /** Two replicas of a container named `main`. */
  async function createDeployment(ns: string): Promise<{ path: string }> {
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nothing' }] } };
    const path = `/apis/apps/v1/namespaces/${ns}/deployments`;
    const spec = { replicas: 2, selector: { matchLabels: labels }, template };
    await kubernetes().admin.post(path, { metadata: { name: 'web' }, spec });
    return { path: `${path}/web` };
  }

  async function podsOf(ns: string): Promise<readonly ApiObject[]> {
    const path = `/api/v1/namespaces/${ns}/pods`;
    return (await kubernetes().admin.get<{ items: ApiObject[] }>(path)).items;
  }
});

describe('Kubernetes cluster, of the user where KUBECONFIG is set', function () {
  this.timeout(60_000);
  const kubernetes = useNamespaces();

  it('collects what an owner leaves', async () => {
    const { admin, namespace } = kubernetes();
    const maps = `/api/v1/namespaces/${await namespace()}/configmaps`;
    const { metadata } = await admin.post(maps, { metadata: { name: 'owner' } });
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid };
    await admin.post(maps, { metadata: { name: 'owned', ownerReferences: [owner] } });

    await admin.delete(`${maps}/owner`);
    await waitFor(async () => !(await admin.find(`${maps}/owned`)), { what: 'the owned one to be gone' });
  });

  it('lets a ServiceAccount do what its roles say', async () => {
    const { namespace, serviceAccountKubeconfig, applyYaml, kubectl } = kubernetes();
    const ns = await namespace();
    const kubeconfig = await serviceAccountKubeconfig(ns, 'reader');
    const rules = [{ apiGroups: [''], resources: ['services'], verbs: ['list'] }];
    const subjects = [{ kind: 'ServiceAccount', name: 'reader', namespace: ns }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
    const metadata = { name: 'reader', namespace: ns };
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const roles = [
      { apiVersion, kind: 'Role', metadata, rules },
      { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
    ];
    await applyYaml(roles.map((role) => JSON.stringify(role)).join('\n---\n'));
    const as = (...args: string[]) => kubectl('--kubeconfig', kubeconfig, ...args);

    await waitFor(() => as('get', 'services'), { what: 'the role to count' });
    expect(await rejection(as('get', 'pods'))).to.match(/^running kubectl .*pods is forbidden: User .*:reader"/);
  });
});

function aContainer(fields: Readonly<Record<string, unknown>>) {
  return { name: 'main', image: 'nothing', imageID: '', ready: false, restartCount: 0, ...fields };
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no rejection',
    (error: Error) => error.message,
  );
}
