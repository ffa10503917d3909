import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { goProgram, kubernetesSchemas, promtool } from '../servers/chart-tools.ts';
import { MissingToolsError } from '../servers/kubernetes/tools.ts';
import { CHART, manifests } from '../support/helm.ts';
import { useHelm } from '../support/use-helm.ts';
import { findingsOf, UNEXPLAINED } from './chart/kube-score.ts';

const run = promisify(execFile);
const FIXTURES = fileURLToPath(new URL('chart/', import.meta.url));
const VALUES = join(FIXTURES, 'values');
const files = (await readdir(VALUES)).sort();

describe('the chart, rendered', function () {
  this.timeout(60_000);
  const helm = useHelm();
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chart-templates-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('has at least twelve sets of values to be judged with', () => {
    expect(files.length).to.be.at.least(12);
  });

  describe('with each set of values', () => {
    let kubeconform: string;
    let kubeScore: string;
    let schemas: string;

    before('tools', async function () {
      this.timeout(600_000);
      [kubeconform, kubeScore] = [await goProgram('kubeconform'), await goProgram('kube-score')];
      // The CRD of the tree.
      schemas = await kubernetesSchemas([
        load(await readFile(join(CHART, 'files/crds/pulsartriggers.yaml'), 'utf8')),
      ] as never);
    });

    for (const file of files) {
      it(`lints, conforms to Kubernetes' schemas and surprises nobody: ${file}`, async () => {
        const values = ['--values', join(VALUES, file)];
        await helm()('lint', '--strict', CHART, ...values);
        const yaml = await helm()('template', 'kpt', CHART, ...values);
        const rendered = join(folder, file);
        await writeFile(rendered, yaml);

        const where = `${schemas}/{{.ResourceKind}}{{.KindSuffix}}.json`;
        const args = ['-strict', '-summary', '-output', 'json', '-schema-location', where, rendered];
        const { stdout } = await run(kubeconform, args).catch((error) => ({ stdout: String(error.stdout) }));
        const { resources, summary } = JSON.parse(stdout);
        expect(resources ?? []).to.deep.equal([]);
        expect(summary.valid, 'objects judged').to.equal(manifests(yaml).length);

        const findings = findingsOf(await score(kubeScore, rendered), file);
        expect(findings.filter(({ reason }) => reason === UNEXPLAINED)).to.deep.equal([]);
      });
    }
  });

  it('gives the check of `helm test` the variables of the controller, a proxy among them', async () => {
    const proxy = { name: 'HTTPS_PROXY', value: 'http://proxy.example:3128' };
    const objects = await helm().template('--set-json', `extraEnv=${JSON.stringify([proxy])}`);
    const check = objects.find(({ kind }) => kind === 'Pod');
    expect(check?.spec.containers[0].env).to.deep.equal([proxy]);
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    expect(deployment?.spec.template.spec.containers[0].env).to.deep.include(proxy);
  });

  it('gives the original objects their names, labels and arguments under the original name', async () => {
    const objects = await helm().template('--set', 'nameOverride=kubeless-pulsar-trigger');
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    expect(deployment?.metadata.name).to.equal('kpt-kubeless-pulsar-trigger');
    const labels = { 'app.kubernetes.io/name': 'kubeless-pulsar-trigger', 'app.kubernetes.io/instance': 'kpt' };
    expect(deployment?.spec.selector.matchLabels).to.deep.equal(labels);
    const [container] = deployment?.spec.template.spec.containers ?? [];
    expect(container.name).to.equal('controller');
    expect(container.args[0]).to.equal('--dispatcher-image=localhost/kubeless-triggers-dispatcher:0.1.0');
    expect(objects.find(({ kind }) => kind === 'ServiceAccount')?.metadata.name).to.equal(deployment?.metadata.name);
  });

  it('gives every value of the original chart its meaning', async () => {
    const objects = await helm().template('--values', join(FIXTURES, 'original-values.yaml'));
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    const pod = deployment?.spec.template.spec;
    const [container] = pod.containers;
    expect(deployment?.metadata.name).to.equal('full');
    expect(deployment?.spec.replicas).to.equal(2);
    expect(container.image).to.equal('example/controller:0.1.0');
    expect(container.imagePullPolicy).to.equal('Always');
    expect(container.args).to.include('--dispatcher-image=example/dispatcher:9');
    expect(container.resources).to.deep.equal({
      limits: { cpu: 2, memory: '1Gi' },
      requests: { cpu: '1', memory: '1Gi' },
    });
    expect(container.securityContext).to.include({ runAsUser: 7 });
    expect(pod.securityContext).to.include({ fsGroup: 8 });
    expect(pod.imagePullSecrets).to.deep.equal([{ name: 'pull' }]);
    expect(pod.nodeSelector).to.deep.equal({ disk: 'ssd' });
    expect(pod.tolerations).to.deep.equal([{ key: 'a', operator: 'Exists' }]);
    expect(pod.affinity).to.have.property('podAntiAffinity');
    expect(pod.serviceAccountName).to.equal('account');
  });

  it('makes nothing that belongs to the whole cluster when it watches some namespaces', async () => {
    const objects = await helm().template('--set', 'watchNamespaces={a,b}');
    expect(objects.map(({ kind }) => kind)).not.to.include.members(['ClusterRole']);
    expect(objects.every(({ metadata }) => metadata.namespace !== undefined)).to.equal(true);
    const roles = objects.filter(
      ({ kind, metadata }) => kind === 'Role' && metadata.name === 'kpt-kubeless-triggers.default',
    );
    expect(roles.map(({ metadata }) => metadata.namespace)).to.deep.equal(['a', 'b']);
  });

  it('alerts as the rules say', async function () {
    this.timeout(300_000);
    const program = await promtool().catch((error) => {
      if (process.env.CI || !(error instanceof MissingToolsError)) throw error;
      process.stderr.write(`\nSKIPPED: ${error.message}\n\n`);
      return this.skip();
    });
    await run(program, ['check', 'rules', join(CHART, 'files/rules.yaml')]);
    await run(program, ['test', 'rules', join(FIXTURES, 'rules-test.yaml')]).catch((error) => {
      throw new Error(`testing alerts: ${error.stdout}${error.stderr}`);
    });
  });

  it('asks in rules and dashboard only for metrics that exist', async () => {
    const source = ['controller/metrics.ts', 'dispatcher/metrics.ts'].map((path) => `../../${path}`);
    const texts = await Promise.all(source.map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const named = await Promise.all(
      ['files/rules.yaml', 'files/dashboard.json'].map((file) => readFile(join(CHART, file), 'utf8')),
    );
    const asked = new Set(
      [...named.join('\n').matchAll(/kubeless_(controller|dispatcher)_(\w+)/g)].map(([name]) => name),
    );
    expect(asked.size).to.be.above(10);
    for (const metric of asked) {
      const [, program, name = ''] = /^kubeless_(controller|dispatcher)_(\w+)$/.exec(metric) ?? [];
      const text = texts[program === 'controller' ? 0 : 1] ?? '';
      expect(text, metric).to.match(new RegExp(`['}]${name.replace(/_bucket$/, '')}['\`]`));
    }
  });
});

/** kube-score exits with 1 where it finds something. */
async function score(program: string, file: string): Promise<string> {
  const args = ['score', '--output-format', 'json', '--kubernetes-version', 'v1.30', file];
  const { stdout } = await run(program, args, { maxBuffer: 16 * 1024 * 1024 }).catch((error) => error);
  return stdout;
}
