import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CHART } from '../support/helm.ts';
import { useHelm } from '../support/use-helm.ts';
import { waitFor } from '../support/wait-for.ts';
import { useOwnCluster } from './chart/own-cluster.ts';
import { CRD, newerCrd, writeVariant } from './chart/variant.ts';

const NAME = 'pulsartriggers.kubeless.io';
const PATH = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${NAME}`;
const TRIGGER = {
  apiVersion: 'kubeless.io/v1',
  kind: 'PulsarTrigger',
  metadata: { name: 'kept' },
  spec: {
    pulsar: { broker: 'pulsar://pulsar.example:6650', topic: 'orders' },
    kubeless: { function: 'http://orders.default:8080' },
  },
};

describe('the CRDs, between the chart and kubectl', function () {
  this.timeout(60_000);
  const cluster = useOwnCluster();
  const helm = useHelm(() => cluster().kubeconfig);
  const folder = mkdtempSync(join(tmpdir(), 'chart-crds-'));
  const file = join(folder, 'crd.yaml');
  const newerFile = join(folder, 'newer-crd.yaml');
  let newer: string;
  let namespace: string;
  let triggers: string;

  before(() => {
    newer = writeVariant(join(folder, 'newer'), { version: '0.2.0', crd: newerCrd() });
    writeFileSync(file, CRD);
    writeFileSync(newerFile, newerCrd());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    namespace = await cluster().namespace();
    triggers = `/apis/kubeless.io/v1/namespaces/${namespace}/pulsartriggers`;
  });
  afterEach(async () => {
    for (const release of ['kpt', 'second']) await helm()('uninstall', release, '-n', namespace, '--ignore-not-found');
    await cluster().kubectl('delete', 'crd', NAME, '--ignore-not-found');
  });

  const upgrade = (chart: string, release = 'kpt', ...args: readonly string[]) =>
    helm()('upgrade', '--install', release, chart, '--namespace', namespace, ...args);
  const apply = (path: string) => cluster().kubectl('apply', '--filename', path);
  const crd = () => cluster().admin.get(PATH);
  const owner = async () => {
    const annotations = (await crd()).metadata.annotations as Record<string, string> | undefined;
    return annotations?.['meta.helm.sh/release-name'];
  };
  const knowsNovelty = async () =>
    'novelty' in (await crd()).spec.versions[0].schema.openAPIV3Schema.properties.spec.properties;
  const create = async (spec: object = {}) => {
    const body = { ...TRIGGER, spec: { ...TRIGGER.spec, ...spec } };
    // The API server takes a moment to serve a kind, and fields that are new.
    await waitFor(() => cluster().admin.post(triggers, body, { fieldValidation: 'Strict' }), { what: 'a trigger' });
  };
  const stored = () => cluster().admin.get(`${triggers}/kept`);

  it('kubectl first: the CRD stays kubectl’s, through installation, upgrade, rollback and removal', async () => {
    await apply(file);
    await create();
    expect(await upgrade(CHART)).to.include(`The CRD ${NAME} belongs to kubectl`);
    expect(await owner()).to.equal(undefined);
    const notes = await upgrade(newer);
    expect(notes).to.include('is older than this chart').and.to.include('.spec.novelty');
    expect(await knowsNovelty()).to.equal(false);
    await apply(newerFile);
    expect(await upgrade(newer)).not.to.include('older than this chart');
    await helm()('rollback', 'kpt', '1', '--namespace', namespace);
    expect(await knowsNovelty(), 'after the rollback').to.equal(true);
    await helm()('uninstall', 'kpt', '--namespace', namespace);
    expect((await stored()).spec).to.deep.equal(TRIGGER.spec);
  });

  it('the chart first: kubectl takes the CRD over by applying it, and the release leaves it from then on', async () => {
    expect(await upgrade(CHART)).not.to.include('belongs to');
    expect(await owner()).to.equal('kpt');
    await create();
    await apply(newerFile);
    expect(await upgrade(CHART)).to.include('belongs to kubectl');
    expect(await knowsNovelty(), 'after an upgrade to an older chart').to.equal(true);
    await helm()('uninstall', 'kpt', '--namespace', namespace);
    expect((await stored()).spec).to.deep.equal(TRIGGER.spec);
  });

  it('the chart first: kubectl takes it over on the server’s side too', async () => {
    await upgrade(CHART);
    await cluster().kubectl('apply', '--server-side', '--force-conflicts', '--filename', newerFile);
    expect(await upgrade(newer)).to.include('belongs to kubectl');
    expect(await knowsNovelty()).to.equal(true);
  });

  it('kubectl gives the CRD to a release with the commands of the documentation', async () => {
    await apply(file);
    await upgrade(newer);
    await cluster().kubectl(
      ...['annotate', 'crd', NAME, '--overwrite', 'meta.helm.sh/release-name=kpt'],
      ...[`meta.helm.sh/release-namespace=${namespace}`, 'kubectl.kubernetes.io/last-applied-configuration-'],
    );
    await cluster().kubectl('label', 'crd', NAME, '--overwrite', 'app.kubernetes.io/managed-by=Helm');
    await upgrade(newer, 'kpt', '--force-conflicts');
    expect(await owner()).to.equal('kpt');
    expect(await knowsNovelty()).to.equal(true);
    await upgrade(newer);
  });

  it('a second release leaves the CRD to the first, also when that is gone', async () => {
    await upgrade(CHART);
    await create();
    expect(await upgrade(newer, 'second')).to.include(`belongs to release kpt in ${namespace}`);
    expect(await owner()).to.equal('kpt');
    await helm()('uninstall', 'kpt', '--namespace', namespace);
    expect(await upgrade(newer, 'second')).to.include('.spec.novelty');
    expect((await stored()).spec).to.deep.equal(TRIGGER.spec);
    expect(await upgrade(newer, 'kpt')).not.to.include('older than this chart');
    expect(await knowsNovelty(), 'after the first is back').to.equal(true);
  });

  it('an upgrade brings new fields, and an older chart doesn’t take them away', async () => {
    await upgrade(CHART);
    await create();
    await upgrade(newer);
    expect(await knowsNovelty()).to.equal(true);
    await waitFor(
      () => cluster().admin.patch(`${triggers}/kept?fieldValidation=Strict`, { spec: { novelty: 'yes' } }),
      {
        what: 'the new field',
      },
    );
    await upgrade(CHART);
    expect(await knowsNovelty()).to.equal(true);
    expect((await stored()).spec).to.include({ novelty: 'yes' });
  });

  it('a rollback hides a new field that is stored, and the next upgrade shows it again', async () => {
    await upgrade(CHART);
    await upgrade(newer);
    await create({ novelty: 'yes' });
    await helm()('rollback', 'kpt', '1', '--namespace', namespace);
    await waitFor(async () => !('novelty' in (await stored()).spec), { what: 'the field to be hidden' });
    await upgrade(newer);
    await waitFor(async () => (await stored()).spec.novelty === 'yes', { what: 'the field to be back' });
  });

  it('uninstalling keeps CRD and triggers, and the release can come back', async () => {
    await upgrade(CHART);
    await create();
    await helm()('uninstall', 'kpt', '--namespace', namespace);
    expect((await stored()).spec).to.deep.equal(TRIGGER.spec);
    await upgrade(newer);
    expect(await owner()).to.equal('kpt');
    expect(await knowsNovelty()).to.equal(true);
    expect((await stored()).spec).to.deep.equal(TRIGGER.spec);
  });
});
