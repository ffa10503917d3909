/** The chart in the hands of somebody who may do everything in two namespaces, and nothing elsewhere. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type DispatcherProcess, startDispatcherProcess } from '../support/dispatcher-process.ts';
import { CHART, createHelm, type Helm } from '../support/helm.ts';
import { useHelm } from '../support/use-helm.ts';
import { waitFor } from '../support/wait-for.ts';
import { useOwnCluster } from './chart/own-cluster.ts';
import { allow } from './controller-kube-role.ts';

const CRD = fileURLToPath(new URL('../../crd.yaml', import.meta.url));
const CHECK = fileURLToPath(new URL('../../controller/check.ts', import.meta.url));
const CONTROLLER = fileURLToPath(new URL('../../controller/main.ts', import.meta.url));
const NAME = 'kpt-kubeless-triggers';

describe('the chart, installed by the owner of two namespaces', function () {
  this.timeout(120_000);
  const cluster = useOwnCluster();
  // Skips where Helm can't be had.
  useHelm();
  let home: string;
  let team: string;
  let helm: Helm;
  let controller: DispatcherProcess | undefined;

  before(async () => {
    [home, team] = [await cluster().namespace(), await cluster().namespace()];
    const owner = { kind: 'ServiceAccount', name: 'owner', namespace: home };
    helm = await createHelm(await cluster().serviceAccountKubeconfig(home, 'owner'));
    await allow(cluster(), home, 'owner', { apiGroups: ['*'], resources: ['*'], verbs: ['*'] });
    const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${team}`;
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
    await cluster().admin.post(`${roles}/roles`, { metadata: { name: 'owner' }, rules });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'owner' };
    await cluster().admin.post(`${roles}/rolebindings`, { metadata: { name: 'owner' }, roleRef, subjects: [owner] });
  });
  afterEach(async () => {
    await controller?.kill('SIGTERM');
    controller = undefined;
    await helm('uninstall', 'kpt', '--namespace', home, '--ignore-not-found');
  });
  after(async () => {
    helm?.end();
    await cluster().kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
  });

  const upgrade = (...args: readonly string[]) =>
    helm('upgrade', '--install', 'kpt', CHART, '--namespace', home, ...args);
  const ours = ['--set', 'replicaCount=1'] as const;

  it('says that the CRDs are missing, where nobody has applied them', async () => {
    expect(await upgrade('--set', `watchNamespaces={${team}}`)).to.include(
      "WARNING: the CRD pulsartriggers.kubeless.io isn't there",
    );
  });

  it('is installed, upgraded, tested and uninstalled', async () => {
    await cluster().kubectl('apply', '--filename', CRD);
    await waitFor(() => cluster().admin.get('/apis/kubeless.io/v1/pulsartriggers'), { what: 'the kind PulsarTrigger' });
    const watched = ['--set', `watchNamespaces={${home},${team}}`];
    expect(await upgrade(...watched)).not.to.include("isn't there");
    expect(await upgrade(...watched, ...ours, '--wait')).to.include(`works in ${home}, ${team} only`);
    await start();
    const tested = helm('test', 'kpt', '--namespace', home, '--timeout', '60s');
    await Promise.all([tested, finishCheck()]);
    expect(await tested).to.match(/Phase: +Succeeded/);
    await helm('uninstall', 'kpt', '--namespace', home);
    const left = await cluster().kubectl('get', 'roles,rolebindings,deployments', '--namespace', team, '-o', 'name');
    expect(left).not.to.include(NAME);
  });

  it('is installed where somebody else made what belongs to the cluster', async () => {
    const others = ['serviceAccount.create', 'crds.install', 'admissionPolicy.enabled', 'userRoles.create'];
    await upgrade('--set', others.map((value) => `${value}=false`).join(','));
  });

  /** The pods are KWOK's, which run nothing: the controller that the Deployment asks for. */
  async function start(): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${home}/deployments/${NAME}`;
    const { args } = (await cluster().admin.get(path)).spec.template.spec.containers[0];
    const account = await cluster().serviceAccountKubeconfig(home, NAME);
    controller = startDispatcherProcess({
      program: CONTROLLER,
      args: [...args, '--kubeconfig', account, '--probes-port=0'],
      env: { POD_NAME: 'controller', POD_NAMESPACE: home },
    });
    await controller.ready(60_000);
  }

  /** Runs what the pod of `helm test` would run, as whom it would, and says how it ended. */
  async function finishCheck(): Promise<void> {
    const name = `${NAME}-check`;
    const path = `/api/v1/namespaces/${home}/pods/${name}`;
    const running = async () => {
      const pod = await cluster().admin.find(path);
      return pod?.status?.phase === 'Running' && pod;
    };
    const { spec } = await waitFor(running, { what: 'the pod of helm test', timeout: 30_000 });
    const account = await cluster().serviceAccountKubeconfig(home, spec.serviceAccountName);
    const run = promisify(execFile)(process.execPath, [CHECK, ...spec.containers[0].args, '--kubeconfig', account]);
    const phase = await run.then(
      () => 'Succeeded',
      ({ stdout, stderr }) => {
        process.stderr.write(`${stdout}${stderr}`);
        return 'Failed';
      },
    );
    await cluster().setPodStatus({ namespace: home, name }, { phase });
  }
});
