import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { type ChartServer, serveCharts } from '../../scripts/chart-server.ts';
import { type Checkout, cloneCheckout, createCheckout } from '../support/checkout.ts';
import { freePort } from '../support/free-port.ts';
import { manifests } from '../support/helm.ts';
import { useHelm } from '../support/use-helm.ts';
import { waitFor } from '../support/wait-for.ts';
import { useOwnCluster } from './chart/own-cluster.ts';

describe('the chart repository', function () {
  this.timeout(120_000);
  const helm = useHelm();
  const folder = mkdtempSync(join(tmpdir(), 'chart-repository-'));
  let first: Checkout;

  before(async () => {
    first = await createCheckout(join(folder, 'first'));
    await first.make(['package', 'index'], { env: helm().env });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is the same, byte for byte, from every clone', async () => {
    const clones = [await cloneCheckout(first, join(folder, 'a')), await cloneCheckout(first, join(folder, 'b'))];
    const env = { ...helm().env, TZ: 'Pacific/Auckland', LC_ALL: 'C' };
    for (const clone of clones) await clone.make(['package', 'index'], { env });
    // A second time, on what is there.
    await clones[0]?.make(['package', 'index'], { env });
    const [expected, ...others] = [first, ...clones].map((each) => contentsOf(join(each.folder, 'chart-index')));
    expect(Object.keys(expected ?? {}).sort()).to.deep.equal([
      'index.yaml',
      'kubeless-pulsar-trigger-0.1.0.tgz',
      'kubeless-triggers-0.1.0.tgz',
    ]);
    for (const other of others) expect(other).to.deep.equal(expected);
  });

  it('refuses a changed package of a version that is there, and keeps old versions when there is a new one', async () => {
    const clone = await cloneCheckout(first, join(folder, 'changed'));
    const index = join(clone.folder, 'chart-index');
    cpSync(join(first.folder, 'chart-index'), index, { recursive: true });
    const about = join(clone.folder, 'chart/kubeless-triggers/Chart.yaml');
    const { env } = helm();
    appendFileSync(join(clone.folder, 'chart/kubeless-triggers/templates/NOTES.txt'), 'changed\n');
    expect(await problem(clone.make(['package'], { env }))).to.include('is there already and differs. Raise version');
    await clone.make(['package', 'FORCE=1'], { env });
    expect(await problem(clone.make(['index'], { env }))).to.include("isn't the archive that index.yaml has");

    cpSync(join(first.folder, 'chart-index'), index, { recursive: true });
    await clone.git('commit', '--quiet', '--all', '--message', 'a change');
    const text = readFileSync(about, 'utf8').replace('version: 0.1.0', 'version: 0.2.0');
    rmSync(about);
    appendFileSync(about, text);
    await clone.make(['package', 'index'], { env });
    // What the program writes.
    const written = load(readFileSync(join(index, 'index.yaml'), 'utf8')) as { entries: Record<string, unknown[]> };
    const before = load(readFileSync(join(first.folder, 'chart-index/index.yaml'), 'utf8')) as typeof written;
    for (const name of ['kubeless-triggers', 'kubeless-pulsar-trigger']) {
      expect(written.entries[name]).to.have.length(2);
      expect(written.entries[name]?.[0]).to.include({ version: '0.2.0' });
      expect(written.entries[name]?.[1]).to.deep.equal(before.entries[name]?.[0]);
    }
  });

  it('names the images of the registry that it was packaged for', async () => {
    const target = join(folder, 'stamped');
    const args = ['package', `CHART_INDEX=${target}`, 'IMAGE_REGISTRY=registry.example/team'];
    await first.make(args, { env: helm().env });
    const objects = manifests(await helm()('template', 'kpt', join(target, 'kubeless-triggers-0.1.0.tgz')));
    const container = objects.find(({ kind }) => kind === 'Deployment')?.spec.template.spec.containers[0];
    expect(container.image).to.equal('registry.example/team/kubeless-triggers-controller:0.1.0');
    expect(container.args[0]).to.equal('--dispatcher-image=registry.example/team/kubeless-triggers-dispatcher:0.1.0');
  });

  it('says what it needs: a helm of its version, a whole history', async () => {
    const env = { ...helm().env, HELM: '/bin/true' };
    expect(await problem(first.make(['package', 'HELM=/bin/true'], { env }))).to.include('Set HELM to a v4.2.x');
    const shallow = join(folder, 'shallow');
    await first.git('commit', '--quiet', '--allow-empty', '--message', 'one more');
    await first.git('clone', '--quiet', '--depth', '1', `file://${first.folder}`, shallow);
    const clone = { ...first, folder: shallow };
    const made = (await cloneCheckout(clone, join(folder, 'shallow-clone'))).make(['package'], { env: helm().env });
    expect(await problem(made)).to.include('git fetch --unshallow');
  });

  const REMOTES: readonly [remote: string, url: string][] = [
    ['https://github.com/Somebody/Some-Repo.git', 'https://somebody.github.io/Some-Repo/chart-index'],
    ['https://user:token@github.com/somebody/repo', 'https://somebody.github.io/repo/chart-index'],
    ['git@github.com:somebody/repo.git', 'https://somebody.github.io/repo/chart-index'],
    ['ssh://git@github.com/somebody/repo.git', 'https://somebody.github.io/repo/chart-index'],
  ];
  for (const [remote, url] of REMOTES) {
    it(`is added from where the Pages of ${remote.replace(/\/\/.*@/, '//…@')} are`, async () => {
      await first.git('remote', 'remove', 'origin').catch(() => '');
      await first.git('remote', 'add', 'origin', remote);
      const said = await first.make(['--dry-run', 'repo', 'HELM=helm']);
      expect(said).to.include(`helm repo add kubeless-pulsar-trigger ${url} --force-update`);
      await first.git('remote', 'remove', 'origin');
    });
  }

  it('asks for its address where the remote doesn’t tell', async () => {
    expect(await problem(first.make(['repo']))).to.include('make repo REPO_URL=');
  });

  for (const [what, args] of [
    ['the remote doesn’t tell the address', []],
    ['there is no repository at the address', ['REPO_URL=http://127.0.0.1:1']],
  ] as const) {
    it(`prints the lines that make a local folder the repository where ${what}`, async () => {
      const port = await freePort();
      const index = join(folder, `local-${port}`);
      const variables = [`CHART_INDEX=${index}`, `PORT=${port}`];
      const said = await problem(first.make(['repo', ...args, ...variables], { env: helm().env }));
      const [serve = '', add = '', ...others] = said.match(/^ {2}make .*$/gm) ?? [];
      expect(others).to.deep.equal([]);
      const env = { ...process.env, ...helm().env };
      const serving = spawn('sh', ['-c', `exec ${serve.trim()}`], { env, detached: true });
      let printed = '';
      serving.stdout.on('data', (chunk) => {
        printed += chunk;
      });
      try {
        await waitFor(() => printed.includes(`${index} is served at`), { what: () => printed, timeout: 30_000 });
        await promisify(execFile)('sh', ['-c', add], { env });
        expect(await helm()('search', 'repo', 'kubeless-pulsar-trigger')).to.include('kubeless-triggers');
      } finally {
        if (serving.pid !== undefined) process.kill(-serving.pid, 'SIGINT');
        await once(serving, 'close');
      }
    });
  }

  it('is served only where it is written, and says how to write it', async () => {
    const said = await problem(first.make(['serve', `CHART_INDEX=${join(folder, 'nowhere')}`]));
    expect(said).to.include('it has no index.yaml. Write it: make -C deploy package index');
  });

  describe('builds images with the first tool that works', () => {
    // Docker's client without a daemon fails in this way.
    const broken = '#!/bin/sh\necho "Cannot connect to the Docker daemon" >&2\nexit 1\n';
    const tools = ['docker', 'podman', 'buildah'];

    for (const [working, expected] of [
      [['docker', 'podman', 'buildah'], 'docker'],
      [['podman', 'buildah'], 'podman'],
      [['buildah'], 'buildah'],
    ] as const) {
      it(`${expected} where that is ${working.join(', ')}`, async () => {
        const env = { PATH: `${programs(working)}:${process.env.PATH}` };
        expect(await first.make(['--dry-run', 'images'], { env })).to.include(`set -e; ${expected} build `);
        const push = await first.make(['--dry-run', 'push', 'IMAGE_REGISTRY=r/t'], { env });
        expect(push).to.include(`set -e; ${expected} push `);
      });
    }

    it('and says so where none does', async () => {
      const env = { PATH: `${programs([])}:${process.env.PATH}` };
      expect(await problem(first.make(['images'], { env }))).to.include('No docker, podman or buildah works here');
    });

    function programs(working: readonly string[]): string {
      const bin = mkdtempSync(join(folder, 'bin-'));
      for (const name of tools) {
        writeFileSync(join(bin, name), working.includes(name) ? '#!/bin/sh\n' : broken, { mode: 0o755 });
      }
      return bin;
    }
  });

  it('builds and pushes images with the tool that is there, and never to nowhere', async () => {
    const said = await first.make(['--dry-run', 'images', 'CONTAINER_TOOL=podman', 'BASE=b:1', 'IMAGE_REGISTRY=r/t']);
    for (const name of ['controller', 'dispatcher']) {
      expect(said.replaceAll(/\\\n\s*/g, '')).to.include(
        `podman build  --build-arg BASE=b:1 --file ../${name}/Dockerfile --tag r/t/kubeless-triggers-${name}:0.1.0 ..`,
      );
    }
    expect(await problem(first.make(['push']))).to.include('make push IMAGE_REGISTRY=');
  });
});

describe('make in deploy/', function () {
  this.timeout(180_000);
  const cluster = useOwnCluster();
  const helm = useHelm(() => cluster().kubeconfig);
  const folder = mkdtempSync(join(tmpdir(), 'chart-make-'));
  let checkout: Checkout;
  let server: ChartServer;
  let release: string;
  let team: string;

  before(async () => {
    checkout = await createCheckout(join(folder, 'checkout'));
    await checkout.make(['package', 'index'], { env: helm().env });
    server = await serveCharts(join(checkout.folder, 'chart-index'));
    release = await cluster().namespace({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    team = await cluster().namespace();
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
    for (const name of ['kpt', 'new']) await helm()('uninstall', name, '-n', release, '--ignore-not-found');
    await cluster().kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
  });

  const make = (args: readonly string[], input?: string) =>
    checkout.make([...args, `NAMESPACE=${release}`], { env: helm().env, ...(input !== undefined && { input }) });
  const releases = async () =>
    JSON.parse(await helm()('list', '-n', release, '--output', 'json')) as { chart: string }[];
  const trigger = () => cluster().admin.find(`/apis/kubeless.io/v1/namespaces/${team}/pulsartriggers/mine`);
  const deployment = (name: string) => cluster().admin.find(`/apis/apps/v1/namespaces/${team}/deployments/${name}`);

  it('repo and install bring the CRDs and the release', async () => {
    await make(['repo', `REPO_URL=${server.url}`]);
    const said = await make(['install', 'HELM_ARGS=--wait --set replicaCount=2']);
    expect(said).to.include('helm test kpt');
    expect((await releases()).map(({ chart }) => chart)).to.deep.equal(['kubeless-pulsar-trigger-0.1.0']);
    const controller = await cluster().admin.get(
      `/apis/apps/v1/namespaces/${release}/deployments/kpt-kubeless-pulsar-trigger`,
    );
    expect(controller.status.availableReplicas).to.equal(2);
  });

  it('repo and install can be repeated, and helm installs either chart by hand', async () => {
    await make(['repo', `REPO_URL=${server.url}`]);
    await make(['install']);
    const repository = 'kubeless-pulsar-trigger';
    await helm()('upgrade', '--install', 'kpt', `${repository}/kubeless-pulsar-trigger`, '-n', release);
    await helm()('upgrade', '--install', 'new', `${repository}/kubeless-triggers`, '-n', release, '--wait');
    expect((await releases()).map(({ chart }) => chart).sort()).to.deep.equal([
      'kubeless-pulsar-trigger-0.1.0',
      'kubeless-triggers-0.1.0',
    ]);
  });

  it('delete leaves CRDs, triggers and dispatchers', async () => {
    const spec = {
      pulsar: { broker: 'pulsar://pulsar.example:6650', topic: 'orders' },
      kubeless: { function: 'http://orders.default:8080' },
    };
    const path = `/apis/kubeless.io/v1/namespaces/${team}/pulsartriggers`;
    const body = { apiVersion: 'kubeless.io/v1', kind: 'PulsarTrigger', metadata: { name: 'mine' }, spec };
    const made = await waitFor(() => cluster().admin.post(path, body), { what: 'the trigger' });
    // As the controller makes them: one of the trigger, one of a trigger in another namespace, one of the original.
    const owner = { apiVersion: 'kubeless.io/v1', kind: 'PulsarTrigger', name: 'mine', uid: made.metadata.uid };
    await addDeployment('own', { 'kubeless.io/trigger-id': '0123456789abcdef' }, [owner]);
    await addDeployment('foreign', { 'kubeless.io/trigger-id': 'fedcba9876543210' });
    await addDeployment('original', { 'created-by': 'kubeless-pulsar-trigger' });
    await addDeployment('stranger', { app: 'stranger' });

    await make(['delete']);
    await make(['delete', 'RELEASE=new']);
    expect(await releases()).to.deep.equal([]);
    expect(await trigger()).not.to.equal(undefined);
    expect(await deployment('own')).not.to.equal(undefined);
  });

  it('deletecrd lists what would go, and leaves it unless the answer is yes', async () => {
    const said = await problem(make(['deletecrd'], 'no\n'));
    expect(said).to.match(new RegExp(`${team} +mine`));
    for (const name of ['own', 'foreign', 'original']) expect(said).to.match(new RegExp(`${team} +${name}`));
    expect(said).not.to.include('stranger');
    expect(said).to.include('Nothing was deleted.');
    expect(await problem(make(['deletecrd'], ''))).to.include('Nothing was deleted.');
    expect(await trigger()).not.to.equal(undefined);
  });

  it('deletecrd deletes CRDs, triggers and dispatchers, and nothing else', async () => {
    await make(['deletecrd'], 'yes\n');
    const isGone = async () =>
      (await Promise.all(['own', 'foreign', 'original'].map(deployment))).every((each) => each === undefined);
    await waitFor(isGone, { what: 'the dispatchers to go', timeout: 30_000 });
    expect(await trigger()).to.equal(undefined);
    expect(await deployment('stranger')).not.to.equal(undefined);
  });

  it('deletecrd doesn’t ask with FORCE=1, and is content when nothing is there', async () => {
    await make(['install']);
    await make(['delete']);
    await make(['deletecrd', 'FORCE=1']);
    expect(await make(['deletecrd'])).to.include('There are no CRDs of triggers');
  });

  async function addDeployment(name: string, labels: Record<string, string>, ownerReferences: object[] = []) {
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'localhost/none' }] } };
    await cluster().admin.post(`/apis/apps/v1/namespaces/${team}/deployments`, {
      metadata: { name, labels, ownerReferences },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    });
  }
});

/** Files of a folder, in base64. */
function contentsOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}

async function problem(call: Promise<string>): Promise<string> {
  return call.then(
    (said) => {
      throw new Error(`it succeeded: ${said}`);
    },
    (error) => String(error),
  );
}
