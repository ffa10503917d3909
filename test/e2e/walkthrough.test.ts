import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { originalDeployment, originalManifest } from '../support/original-manifests.ts';
import { waitFor } from '../support/wait-for.ts';
import { conditionOf, readyTrigger, settledDispatchers, triggerPath } from './dispatchers.ts';
import { useEnvironment } from './environment.ts';
import { type FunctionPods, startFunctionPods } from './function-pods.ts';
import { createOperator, type Operator } from './operator.ts';
import { createLedger, type Ledger } from './records.ts';
import { inSteps } from './steps.ts';
import { type Stream, startStream } from './stream.ts';

/** What the README of the original Pulsar trigger tells its users to do, with other addresses. */
describe('the walk-through of the original', function () {
  this.timeout(300_000);
  inSteps();
  const environment = useEnvironment();
  const topic = `mytopic-${randomBytes(4).toString('hex')}`;
  const trigger = { namespace: 'default', name: 'mytrigger' };
  let operator: Operator;
  let functionPods: FunctionPods;
  let stream: Stream;
  let ledger: Ledger;
  const first = () => {
    const { wsUrl, token } = environment().pulsar;
    return originalManifest({ topic, broker: wsUrl, token: token('walker') });
  };

  before('topic and function', async () => {
    const { cluster, pulsar, nodeImage } = environment();
    operator = await createOperator(environment());
    const admin = pulsarAdmin(pulsar);
    await admin.createTopic(topic);
    await admin.grant('public/default', 'walker', ['consume']);
    functionPods = await startFunctionPods(cluster, { namespace: 'default', image: nodeImage, name: 'myfunction' });
  });

  after(async () => {
    await stream?.stop();
    if (!operator) return;
    await operator.end();
    const { cluster } = environment();
    await cluster.kubectl('delete', 'deployment,service,configmap', 'myfunction', '--ignore-not-found');
    await cluster.kubectl('delete', 'namespace', 'another-namespace', '--ignore-not-found', '--wait=false');
  });

  it('installs with make repo and make install', async () => {
    const { cluster } = environment();
    await operator.sh(`
      ## Add this repository to your helm config
      make repo REPO_URL=${operator.repositoryUrl}

      ## Quick installation to \`default\` namespace.
      ## Use the most recent chart version.
      make install
    `);
    await cluster.kubectl('rollout', 'status', 'deployment/kpt-kubeless-pulsar-trigger', '--timeout=90s');
  });

  it('installs with helm as it is told for further customization', async () => {
    const { cluster } = environment();
    await operator.sh('make delete');
    await operator.sh(`
      ## Add repo
      helm repo add kubeless-pulsar-trigger ${operator.repositoryUrl}
      helm repo up

      ## Don't forget the CRD first
      kubectl apply -f crd.yaml

      ## Install
      helm upgrade --install kpt kubeless-pulsar-trigger/kubeless-pulsar-trigger
    `);
    await cluster.kubectl('rollout', 'status', 'deployment/kpt-kubeless-pulsar-trigger', '--timeout=90s');
  });

  it('makes a Deployment and a pod of the first manifest', async () => {
    const { cluster, pulsar } = environment();
    await cluster.applyYaml(first());
    await readyTrigger(cluster, trigger);
    // A new subscription begins at the end of the topic, as the original's did.
    stream = startStream(pulsar, topic);
    ledger = createLedger('walk-through', stream, functionPods);
    await enough();
    await ledger.settle();
    const [pod] = await settledDispatchers(cluster, 'default');
    expect(pod?.spec.containers[0].resources).to.deep.equal({
      limits: { cpu: '1', memory: '1Gi' },
      requests: { cpu: '500m', memory: '512Mi' },
    });
  });

  it('says in the status what a dispatcher of our image said last before it ended', async () => {
    const { cluster } = environment();
    const wordy = { namespace: 'default', name: 'wordy' };
    const loud =
      '\n  deployment: { spec: { template: { spec: { containers: [{ env: [{ name: LOG_LEVEL, value: loud }] }] } } } }\n';
    await cluster.applyYaml(first().replace('name: mytrigger', `name: ${wordy.name}`) + loud);
    const words = 'with exit code 1 ("the configuration is wrong: LOG_LEVEL is "loud"';
    await conditionOf(cluster, wordy, { type: 'Ready', reason: 'CrashLoop', words });
    await cluster.admin.delete(triggerPath(wordy));
    await settledDispatchers(cluster, 'default');
  });

  it('moves the Deployment where the second manifest says, and changes its resources', async () => {
    const { cluster } = environment();
    await cluster.kubectl('create', 'namespace', 'another-namespace');
    await cluster.kubectl('annotate', 'namespace', 'another-namespace', 'kubeless.io/triggers-from=default');
    await cluster.applyYaml(first() + originalDeployment('another-namespace'));
    const [pod] = await settledDispatchers(cluster, 'another-namespace');
    await settledDispatchers(cluster, 'default', { count: 0 });
    await readyTrigger(cluster, trigger);
    expect(pod?.spec.containers[0].resources).to.deep.equal({
      limits: { cpu: '4', memory: '1Gi' },
      requests: { cpu: '1', memory: '512Mi' },
    });
    await enough();
    // While both Deployments are there, what one has in hand may be given to the other.
    await ledger.settle({ duplicates: MOVED });
  });

  it('uninstalls with make delete: the dispatcher works on', async () => {
    await operator.sh('make delete');
    await enough();
    await ledger.settle();
  });

  it('installs the chart by its own name, too, which takes the trigger over', async () => {
    const { cluster } = environment();
    await operator.sh('helm upgrade --install kpt kubeless-pulsar-trigger/kubeless-triggers');
    await cluster.kubectl('rollout', 'status', 'deployment/kpt-kubeless-triggers', '--timeout=90s');
    await readyTrigger(cluster, trigger);
    await stream.stop();
    await ledger.settle();
    await operator.sh('make delete');
  });

  it('removes the CRD, the triggers and their dispatchers with make deletecrd', async () => {
    const { cluster } = environment();
    const said = await operator.sh('make deletecrd FORCE=1');
    expect(said).to.contain('mytrigger');
    await settledDispatchers(cluster, 'another-namespace', { count: 0 });
    await waitFor(async () => (await cluster.admin.find(CRD)) === undefined, { what: 'the CRD to be gone' });
  });

  async function enough(): Promise<void> {
    const published = stream.published.length;
    await waitFor(() => stream.published.length >= published + 300, { timeout: 60_000, what: '300 more records' });
  }
});

const MOVED = 100;
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pulsartriggers.kubeless.io';
