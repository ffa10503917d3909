import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { useHelm } from '../support/use-helm.ts';
import { waitFor } from '../support/wait-for.ts';
import { useOwnCluster } from './chart/own-cluster.ts';
import { writeVariant } from './chart/variant.ts';

const FIXTURES = fileURLToPath(new URL('chart/', import.meta.url));
const NEW_CRD = fileURLToPath(new URL('../../deploy/crd.yaml', import.meta.url));
const NAME = 'kpt-kubeless-pulsar-trigger';
const ROLES = '/apis/rbac.authorization.k8s.io/v1';
/** The first manifest of the original's documentation. */
const TRIGGER = {
  apiVersion: 'kubeless.io/v1',
  kind: 'PulsarTrigger',
  metadata: { name: 'mytrigger' },
  spec: {
    pulsar: { topic: 'persistent://public/default/mytopic', broker: 'pulsar://pulsar.addr:6650', 'auth-token': 'nnn' },
    kubeless: { function: 'http://myfunction.default:8080' },
  },
};

describe('a release of the original chart, upgraded in place', function () {
  this.timeout(120_000);
  const cluster = useOwnCluster();
  const helm = useHelm(() => cluster().kubeconfig);
  const folder = mkdtempSync(join(tmpdir(), 'chart-original-'));
  let chart: string;
  let namespace: string;

  before(() => {
    chart = writeVariant(join(folder, 'chart'), { name: 'kubeless-pulsar-trigger' });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    namespace = await cluster().namespace();
  });
  afterEach(async () => {
    await helm()('uninstall', 'kpt', '-n', namespace, '--ignore-not-found');
    await cluster().kubectl('delete', '--filename', NEW_CRD, '--ignore-not-found');
  });

  const objects = async () => {
    const { admin } = cluster();
    const paths = {
      deployment: `/apis/apps/v1/namespaces/${namespace}/deployments/${NAME}`,
      account: `/api/v1/namespaces/${namespace}/serviceaccounts/${NAME}`,
      role: `${ROLES}/clusterroles/${NAME}`,
      binding: `${ROLES}/clusterrolebindings/${NAME}`,
    };
    const [deployment, account, role, binding] = await Promise.all(Object.values(paths).map((path) => admin.get(path)));
    if (!deployment || !account || !role || !binding) throw new Error('reading the release: not all of it is there');
    return { deployment, account, role, binding };
  };

  // Helm 3 installed with patches that it computed itself; Helm 4 asks the server to merge.
  for (const [what, flag] of [
    ['Helm 3', '--server-side=false'],
    ['Helm 4', '--server-side=true'],
  ] as const) {
    it(`keeps its objects, its triggers and its pods' labels when ${what} installed it`, async () => {
      const { admin, kubectl } = cluster();
      await kubectl('apply', '--filename', join(FIXTURES, 'original-crd.yaml'));
      await helm()('install', 'kpt', join(FIXTURES, 'original'), '--namespace', namespace, flag);
      const triggers = `/apis/kubeless.io/v1/namespaces/${namespace}/pulsartriggers`;
      const trigger = await waitFor(() => admin.post(triggers, TRIGGER), { what: 'the trigger' });
      const before = await objects();

      await kubectl('apply', '--filename', NEW_CRD);
      const notes = await helm()('upgrade', '--install', 'kpt', chart, '--namespace', namespace, '--wait');
      expect(notes).not.to.include('older than this chart');

      const after = await objects();
      for (const name of ['deployment', 'account', 'role', 'binding'] as const) {
        expect(after[name].metadata.uid, name).to.equal(before[name].metadata.uid);
      }
      expect(after.deployment.spec.selector).to.deep.equal(before.deployment.spec.selector);
      const containers = after.deployment.spec.template.spec.containers;
      expect(containers.map((each: { name: string }) => each.name)).to.deep.equal(['controller']);
      expect(containers[0].image).to.equal('localhost/kubeless-triggers-controller:0.1.0');
      expect(containers[0].args).not.to.include('--dispatcher-image=juliohm/kubeless-pulsar-trigger-dispatcher:1.0.0');
      const groups = after.role.rules.flatMap((rule: { apiGroups: string[] }) => rule.apiGroups);
      expect(groups).to.include('events.k8s.io').and.not.to.include('extensions');

      const kept = await admin.get(`${triggers}/mytrigger`);
      expect(kept.metadata.uid).to.equal(trigger.metadata.uid);
      expect(kept.spec).to.deep.equal(TRIGGER.spec);
      // The CRD is the new one: there is a status to write.
      await admin.patch(`${triggers}/mytrigger/status`, { status: { replicas: 1 } });
      await helm()('rollback', 'kpt', '1', '--namespace', namespace);
      expect((await objects()).deployment.metadata.uid).to.equal(before.deployment.metadata.uid);
    });
  }
});
