import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { monitoringCrds } from '../servers/chart-tools.ts';
import { CHART } from '../support/helm.ts';
import { useHelm } from '../support/use-helm.ts';
import { waitFor } from '../support/wait-for.ts';
import { useOwnCluster } from './chart/own-cluster.ts';

const VALUES = fileURLToPath(new URL('chart/values/', import.meta.url));

describe('the chart, installed where Pod Security is restricted', function () {
  this.timeout(60_000);
  const cluster = useOwnCluster();
  const helm = useHelm(() => cluster().kubeconfig);
  let namespace: string;

  before(async () => {
    for (const crd of await monitoringCrds()) await cluster().applyYaml(JSON.stringify(crd));
    // What sets of values speak of.
    await cluster().applyYaml(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-b' } }));
  });
  beforeEach(async () => {
    namespace = await cluster().namespace({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await cluster().admin.post(accounts, { metadata: { name: 'events', labels: { of: 'the-test' } } });
  });
  afterEach(() => helm()('uninstall', 'kpt', '-n', namespace, '--ignore-not-found'));
  after(async () => {
    for (const crd of await monitoringCrds()) await cluster().kubectl('delete', 'crd', crd.metadata.name);
    await cluster().kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
    await cluster().kubectl('delete', 'namespace', 'team-b', '--wait=false');
  });

  for (const file of readdirSync(VALUES).sort()) {
    it(`gets its pods with ${file}`, async () => {
      const own = load(readFileSync(join(VALUES, file), 'utf8')) as { readonly serviceAccount?: { name?: string } };
      if (own.serviceAccount?.name === 'events' && !file.startsWith('own-')) {
        await cluster().admin.delete(`/api/v1/namespaces/${namespace}/serviceaccounts/events`);
      }
      await helm()('install', 'kpt', CHART, '--namespace', namespace, '--values', join(VALUES, file));
      const [deployment] = (await cluster().admin.get(`/apis/apps/v1/namespaces/${namespace}/deployments`)).items;
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment.metadata.name}`;
      const { status } = await waitFor(
        async () => {
          const found = await cluster().admin.get(path);
          const { observedGeneration, replicas = 0 } = found.status;
          return observedGeneration === found.metadata.generation && replicas === found.spec.replicas && found;
        },
        { what: 'the pods to be made', timeout: 20_000 },
      );
      // Says why where Pod Security, a quota or a missing account refuse them.
      const types = (status.conditions ?? []).map(({ type }: { type: string }) => type);
      expect(types).not.to.include('ReplicaFailure');
    });
  }
});
