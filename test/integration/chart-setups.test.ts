import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dump } from 'js-yaml';
import { readConfig } from '../../controller/config.ts';
import { CHART, type Manifest, manifests } from '../support/helm.ts';
import { useHelm } from '../support/use-helm.ts';
import { useOwnCluster } from './chart/own-cluster.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const POD = { POD_NAME: 'controller', POD_NAMESPACE: 'default' };
const NAME = 'kpt-kubeless-triggers';
/** The server adds to their lists, or leaves out, so that kubectl's own comparison writes them again, to no effect. */
const STORED_OTHERWISE = /^(customresourcedefinition|validatingadmissionpolicy)\./;

describe('the chart as a dependency of another', function () {
  this.timeout(30_000);
  const helm = useHelm();
  const folder = mkdtempSync(join(tmpdir(), 'chart-dependency-'));
  const parent = join(folder, 'parent');

  before(() => {
    mkdirSync(join(parent, 'charts'), { recursive: true });
    cpSync(CHART, join(parent, 'charts/kubeless-triggers'), { recursive: true });
    const dependency = { name: 'kubeless-triggers', version: '0.1.0' };
    const about = {
      apiVersion: 'v2',
      name: 'parent',
      version: '1.0.0',
      dependencies: [
        { ...dependency, condition: 'kubeless-triggers.enabled' },
        { ...dependency, alias: 'events', condition: 'events.enabled' },
      ],
    };
    writeFileSync(join(parent, 'Chart.yaml'), dump(about));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const template = async (values: object) => {
    const file = join(folder, 'values.yaml');
    writeFileSync(file, dump(values));
    return manifests(await helm()('template', 'kpt', parent, '--values', file));
  };
  const deployments = (objects: readonly Manifest[]) =>
    objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);

  it('is switched on and off by its condition', async () => {
    const on = await template({ 'kubeless-triggers': { enabled: true }, events: { enabled: false } });
    expect(deployments(on)).to.deep.equal([NAME]);
    expect(await template({ 'kubeless-triggers': { enabled: false }, events: { enabled: false } })).to.deep.equal([]);
  });

  it('is there twice, the second time under an alias, without a name in common', async () => {
    const objects = await template({
      'kubeless-triggers': { enabled: true, watchNamespaces: ['a'] },
      events: { enabled: true, watchNamespaces: ['a'] },
    });
    expect(deployments(objects)).to.have.members([NAME, 'kpt-events']);
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`);
    expect(new Set(names).size).to.equal(names.length);
  });

  for (const global of [{ imageRegistry: 'registry.example', imagePullSecrets: ['pull'] }, {}, null]) {
    it(`takes no harm from global: ${JSON.stringify(global)}`, async () => {
      expect(deployments(await template({ global, events: { enabled: false } }))).to.deep.equal([NAME]);
    });
  }

  it('has its defaults where the parent’s values are empty', async () => {
    const without = await template({ events: { enabled: false } });
    const empty = { watchNamespaces: null, commonLabels: null, image: null, timezone: null, crds: { install: null } };
    expect(await template({ 'kubeless-triggers': empty, events: { enabled: false } })).to.deep.equal(without);
  });
});

describe('images of the chart', function () {
  this.timeout(30_000);
  const helm = useHelm();

  const GOOD: readonly [repository: string, tag: string, image: string][] = [
    ['registry.example/a', '', 'registry.example/a:0.1.0'],
    ['registry.example/a', DIGEST, `registry.example/a@${DIGEST}`],
    ['registry.example/a', `1.2.3@${DIGEST}`, `registry.example/a:1.2.3@${DIGEST}`],
    [`registry.example/a@${DIGEST}`, '', `registry.example/a@${DIGEST}`],
    [`registry.example:5000/a@${DIGEST}`, '1.2.3', `registry.example:5000/a:1.2.3@${DIGEST}`],
  ];
  for (const [repository, tag, image] of GOOD) {
    it(`are ${image} with ${repository} and the tag "${tag}"`, async () => {
      const objects = await helm().template(
        ...['--set-string', `image.repository=${repository},image.tag=${tag}`],
        ...['--set-string', `dispatcher.deployment.image=${repository},dispatcher.deployment.tag=${tag}`],
      );
      const [controller] = podOf(objects, 'Deployment').containers;
      expect(controller.image).to.equal(image);
      expect(controller.args).to.include(`--dispatcher-image=${image}`);
      expect(objects.find(({ kind }) => kind === 'Pod')?.spec.containers[0].image).to.equal(image);
    });
  }

  const BAD: readonly [path: string, value: string][] = [
    ['image.repository', 'registry.example/a@sha256:123'],
    ['image.repository', 'registry.example/a:1.2.3'],
    ['image.tag', '1.2.3@latest'],
    ['dispatcher.deployment.image', `registry.example/a@md5:${'0'.repeat(64)}`],
    ['dispatcher.deployment.tag', 'one two'],
  ];
  for (const [path, value] of BAD) {
    it(`can't have ${path} ${value}`, async () => {
      const answer = await problem(helm().template('--set-string', `${path}=${value}`));
      expect(answer).to.include(`/${path.replaceAll('.', '/')}`);
    });
  }
});

describe('the time zone of the chart', function () {
  this.timeout(30_000);
  const helm = useHelm();

  for (const zone of ['Zulu', 'Europe/Berlin', 'US/Eastern', 'Etc/GMT+2']) {
    it(`can be ${zone}, which the controller knows, too`, async () => {
      const [controller] = podOf(await helm().template('--set', `timezone=${zone}`), 'Deployment').containers;
      expect(controller.args).to.include(`--timezone=${zone}`);
      expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.to.throw();
    });
  }

  for (const zone of ['Mars/Olympus', 'CEST', 'Local', 'europe/berlin']) {
    it(`can't be ${zone}, and the refusal says so before anything is installed`, async () => {
      const answer = await problem(helm().template('--set', `timezone=${zone}`));
      expect(answer).to.include(`timezone: "${zone}" isn't a time zone. Write a name such as UTC or Europe/Berlin.`);
    });
  }
});

describe('the proxy of functions', function () {
  this.timeout(30_000);
  const helm = useHelm();

  it('goes to the controller with the hosts that need none, and is nowhere without it', async () => {
    const argsOf = async (...flags: readonly string[]): Promise<readonly string[]> =>
      podOf(await helm().template(...flags), 'Deployment').containers[0].args;
    const config = readConfig(await argsOf('--set', 'dispatcher.proxy.https=http://proxy.example:3128'), POD, '1');
    const { dispatcherProxy } = 'text' in config ? { dispatcherProxy: config.text } : config;
    expect(dispatcherProxy).to.have.property('https', 'http://proxy.example:3128');
    expect(dispatcherProxy).not.to.have.property('http');
    expect(dispatcherProxy).to.have.property('noProxy').that.includes('.svc');
    expect((await argsOf()).filter((arg) => arg.includes('proxy'))).to.deep.equal([]);
  });

  for (const proxy of ['http://me:pass@proxy.example', 'proxy.example:3128', 'socks5://proxy.example']) {
    it(`can't be ${proxy}`, async () => {
      const answer = await problem(helm().template('--set', `dispatcher.proxy.http=${proxy}`));
      expect(answer).to.include('/dispatcher/proxy/http');
    });
  }
});

describe('releases of one name in two namespaces', function () {
  this.timeout(60_000);
  const cluster = useOwnCluster();
  const helm = useHelm(() => cluster().kubeconfig);
  let namespaces: readonly [string, string];

  beforeEach(async () => {
    namespaces = [await cluster().namespace(), await cluster().namespace()];
  });
  afterEach(async () => {
    for (const namespace of namespaces) await helm()('uninstall', 'kpt', '-n', namespace, '--ignore-not-found');
    await cluster().kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
  });

  const upgrade = (namespace: string, ...args: readonly string[]) =>
    helm()('upgrade', '--install', 'kpt', CHART, '--namespace', namespace, ...args);
  const can = (account: string, verb: string, namespace: string) =>
    cluster()
      .kubectl(
        'auth',
        'can-i',
        verb,
        'deployments.apps',
        '--namespace',
        namespace,
        `--as=system:serviceaccount:${account}`,
      )
      .then(
        () => true,
        () => false,
      );

  it('have objects of the cluster each of its own, which an upgrade keeps and the other’s removal leaves', async () => {
    const [first, second] = namespaces;
    for (const namespace of [first, second, first, second]) await upgrade(namespace);
    for (const kind of ['clusterroles', 'clusterrolebindings']) {
      const { items } = await cluster().admin.get(`${RBAC}/${kind}`);
      const names = items.map(({ metadata }: Manifest) => metadata.name);
      expect(names).to.include.members([`${NAME}.${first}`, `${NAME}.${second}`]);
    }
    const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
    await helm()('uninstall', 'kpt', '--namespace', first);
    expect(await cluster().admin.find(`${policies}/${NAME}.${first}`)).to.equal(undefined);
    expect(await cluster().admin.find(`${policies}/${NAME}.${second}`)).not.to.equal(undefined);
    expect(await cluster().admin.find(`${RBAC}/clusterroles/${NAME}-edit.${second}`)).not.to.equal(undefined);
    expect(await can(`${second}:${NAME}`, 'create', 'default')).to.equal(true);
    expect(await can(`${first}:${NAME}`, 'create', 'default')).to.equal(false);
  });

  it('can both watch a third', async () => {
    const third = await cluster().namespace();
    const [first, second] = namespaces;
    for (const namespace of [first, second]) await upgrade(namespace, '--set', `watchNamespaces={${third}}`);
    expect(await can(`${first}:${NAME}`, 'create', third)).to.equal(true);
    await helm()('uninstall', 'kpt', '--namespace', first);
    expect(await can(`${second}:${NAME}`, 'create', third)).to.equal(true);
  });
});

describe('the chart, rendered without a cluster and applied', function () {
  this.timeout(60_000);
  const cluster = useOwnCluster();
  // Without a kubeconfig, as Argo CD runs it.
  const helm = useHelm();
  const folder = mkdtempSync(join(tmpdir(), 'chart-rendered-'));
  let namespace: string;

  beforeEach(async () => {
    namespace = await cluster().namespace();
  });
  afterEach(async () => {
    await cluster().kubectl(
      'delete',
      '--filename',
      join(folder, 'rendered.yaml'),
      '--ignore-not-found',
      '--wait=false',
    );
    await cluster().kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [who, flags] of [
    ['Argo CD', []],
    ['Flux', ['--server-side', '--force-conflicts']],
  ] as const) {
    it(`is the same each time, and comes to rest when applied as ${who} does`, async () => {
      const render = async () => (await helm().template('--namespace', namespace)).filter(isNoHook);
      const objects = await render();
      expect(await render()).to.deep.equal(objects);
      const file = join(folder, 'rendered.yaml');
      writeFileSync(file, objects.map((each) => dump(each)).join('---\n'));
      await cluster().kubectl('apply', ...flags, '--filename', file);
      const versions = () =>
        cluster().kubectl('get', '--filename', file, '--output', 'jsonpath={..metadata.generation}');
      const before = await versions();
      const said = await cluster().kubectl('apply', ...flags, '--filename', file);
      expect(await versions()).to.equal(before);
      expect(said.match(/^\S+(?= configured)/gm) ?? []).to.satisfy(
        (again: string[]) => again.every((each) => STORED_OTHERWISE.test(each)),
        said,
      );
      expect(said.match(/\n/g)).to.have.length(objects.length);
    });
  }

  it('leaves the CRD to whoever applies it, where the values say so', async () => {
    const objects = await helm().template('--namespace', namespace, '--set', 'crds.install=false');
    expect(objects.map(({ kind }) => kind))
      .to.include('ClusterRole')
      .and.not.to.include('CustomResourceDefinition');
  });
});

function isNoHook({ metadata }: Manifest): boolean {
  return metadata.annotations?.['helm.sh/hook'] === undefined;
}

function podOf(objects: readonly Manifest[], kind: string) {
  return objects.find((each) => each.kind === kind)?.spec.template.spec;
}

async function problem(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => '',
    (error) => String(error),
  );
}
