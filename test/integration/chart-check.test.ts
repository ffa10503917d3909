import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type DispatcherProcess, startDispatcherProcess } from '../support/dispatcher-process.ts';
import { CHART, type Manifest, manifests } from '../support/helm.ts';
import { useHelm } from '../support/use-helm.ts';
import { waitFor } from '../support/wait-for.ts';
import { useOwnCluster } from './chart/own-cluster.ts';

const CHECK = fileURLToPath(new URL('../../controller/check.ts', import.meta.url));
const CONTROLLER = fileURLToPath(new URL('../../controller/main.ts', import.meta.url));
const ORIGINAL_CRD = fileURLToPath(new URL('chart/original-crd.yaml', import.meta.url));

describe('helm test', function () {
  this.timeout(120_000);
  const cluster = useOwnCluster();
  const helm = useHelm(() => cluster().kubeconfig);
  let namespace: string;
  let controller: DispatcherProcess;
  let pod: Manifest | undefined;
  let args: readonly string[];
  let kubeconfig: string;

  before(async () => {
    namespace = await cluster().namespace({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    await helm()('upgrade', '--install', 'kpt', CHART, '--namespace', namespace, '--wait');
    // What its hooks make before its pod: an account and what that may do.
    const hooks = manifests(
      await helm()('template', 'kpt', CHART, '-n', namespace, '-s', 'templates/tests/check.yaml'),
    );
    pod = hooks.find(({ kind }) => kind === 'Pod');
    await cluster().applyYaml(
      hooks
        .filter((each) => each !== pod)
        .map((each) => JSON.stringify(each))
        .join('\n---\n'),
    );
    args = pod?.spec.containers[0].args;
    kubeconfig = await cluster().serviceAccountKubeconfig(namespace, pod?.spec.serviceAccountName);
  });
  beforeEach(async () => {
    // The pods are KWOK's, which run nothing: what they would run, with their arguments and their account.
    const objects = await helm().template('--namespace', namespace);
    const { args, env } = podOf(objects, 'Deployment').containers[0];
    expect(env.map(({ name }: { name: string }) => name)).to.include.members(['POD_NAME', 'POD_NAMESPACE']);
    const account = await cluster().serviceAccountKubeconfig(namespace, 'kpt-kubeless-triggers');
    controller = startDispatcherProcess({
      program: CONTROLLER,
      args: [...args, '--kubeconfig', account, '--probes-port=0'],
      env: { POD_NAME: 'controller', POD_NAMESPACE: namespace },
    });
    await controller.ready(60_000);
  });
  afterEach(() => controller.kill('SIGTERM'));
  after(async () => {
    await helm()('uninstall', 'kpt', '-n', namespace, '--ignore-not-found');
    await cluster().kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
  });

  /** Runs what the pod would run, with its arguments and its account. */
  async function check(seconds: number | string): Promise<{ readonly code: number; readonly said: string }> {
    const all = [CHECK, ...args, '--kubeconfig', kubeconfig, `--wait-seconds=${seconds}`];
    return promisify(execFile)(process.execPath, all).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
    );
  }

  it('passes when the CRD is of this version, the policy refuses and a controller works', async () => {
    const { code, said } = await check(30);
    expect(said).not.to.include('FAILED');
    expect(said.match(/^ok: /gm)).to.have.length(4);
    expect(code).to.equal(0);
  });

  it('runs where Pod Security is restricted', async () => {
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    await cluster().admin.post(pods, pod, { dryRun: 'All', fieldValidation: 'Strict' });
  });

  it('passes without a wait, too', async () => {
    expect(failed((await check(0)).said)).to.deep.equal([]);
  });

  it('takes no wait that is no number', async () => {
    const { code, said } = await check('soon');
    expect(said).to.include('--wait-seconds is "soon". Write a number of seconds from 0 to 9999.');
    expect(code).to.equal(1);
  });

  it('fails when the controller was killed, though its Lease is still there', async () => {
    await check(30);
    await controller.kill('SIGKILL');
    const { code, said } = await check(3);
    expect(said).to.match(/FAILED: a controller is at work: controller_\S+ doesn't renew the Lease/);
    expect(code).to.equal(1);
  });

  it('fails when the controller was stopped, and gave its Lease back', async () => {
    await check(30);
    await controller.kill('SIGTERM');
    const { code, said } = await check(3);
    expect(said).to.include('FAILED: a controller is at work: nobody holds the Lease kubeless-triggers.');
    expect(code).to.equal(1);
  });

  it('fails when the pods aren’t there', async () => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/kpt-kubeless-triggers`;
    await cluster().admin.patch(path, { spec: { template: { spec: { nodeSelector: { no: 'such' } } } } });
    const { code, said } = await check(2);
    expect(failed(said)).to.deep.equal(['the Deployment kpt-kubeless-triggers is available']);
    expect(said).to.include('describe pods');
    expect(code).to.equal(1);
    await cluster().admin.patch(path, { spec: { template: { spec: { nodeSelector: { no: null } } } } });
  });

  it('fails when the admission policy is gone', async () => {
    const policy = `kpt-kubeless-triggers.${namespace}`;
    const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/${policy}`;
    const { metadata, ...binding } = await cluster().admin.get(path);
    await cluster().admin.delete(path);
    await waitFor(async () => (await check(0)).said.includes(`the admission policy ${policy} let it pass`), {
      what: 'the check to see it',
      timeout: 30_000,
    });
    expect(failed((await check(2)).said)).to.deep.equal(['a PulsarTrigger is taken as it should be']);
    const { name, labels, annotations } = metadata;
    await cluster().admin.post(path.replace(/\/[^/]+$/, ''), { ...binding, metadata: { name, labels, annotations } });
  });

  it('fails when the CRD is older, and names the fields', async () => {
    await cluster().kubectl('replace', '--filename', ORIGINAL_CRD);
    await waitFor(
      async () => {
        const { code, said } = await check(0);
        return code === 1 && said.includes('older: it lacks') && said.includes('.spec.delivery');
      },
      { what: 'the check to see it', timeout: 30_000 },
    );
    expect(failed((await check(2)).said)).to.deep.equal([
      'the CRD of PulsarTrigger knows every field',
      'a PulsarTrigger is taken as it should be',
    ]);
    expect(readFileSync(ORIGINAL_CRD, 'utf8')).not.to.include('delivery');
  });
});

/** What the checks that failed are about. */
function failed(said: string): readonly string[] {
  return [...said.matchAll(/^FAILED: ([^:]+):/gm)].map(([, what = '']) => what);
}

function podOf(objects: readonly Manifest[], kind: string) {
  return objects.find((each) => each.kind === kind)?.spec.template.spec;
}
