import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { type Link, startLink } from '../support/link.ts';
import { waitFor } from '../support/wait-for.ts';
import { onlyDispatcher, readyTrigger, restartsOf, settledDispatchers, triggerPath } from './dispatchers.ts';
import { nodeOf, useEnvironment } from './environment.ts';
import { type FunctionPods, startFunctionPods } from './function-pods.ts';
import { createOperator, type Operator } from './operator.ts';
import { NEXT, VERSION } from './product-images.ts';
import { createLedger, type Ledger } from './records.ts';
import { inSteps } from './steps.ts';
import { type Stream, startStream } from './stream.ts';

/** One trigger's life under load: each test begins with what the one before left, and the stream never pauses. */
describe('a release, end to end', function () {
  this.timeout(300_000);
  inSteps();
  const environment = useEnvironment();
  const topic = `orders-${randomBytes(4).toString('hex')}`;
  let namespace = '';
  let operator: Operator;
  let functionPods: FunctionPods;
  let link: Link;
  let stream: Stream;
  let ledger: Ledger;
  const trigger = () => ({ namespace, name: 'orders' });

  before('topic, tokens and function', async () => {
    const { cluster, pulsar, address, nodeImage } = environment();
    operator = await createOperator(environment());
    namespace = await cluster.namespace({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    const admin = pulsarAdmin(pulsar);
    await admin.createTopic(topic);
    await admin.createSubscription(topic, `orders-${namespace}`, 'earliest');
    await admin.grant('public/default', 'first', ['consume']);
    link = await startLink(address, Number(new URL(pulsar.wsUrl).port));
    functionPods = await startFunctionPods(cluster, { namespace, image: nodeImage });
  });

  after(async () => {
    await stream?.stop();
    await link?.close();
    await operator?.end();
  });

  it('is installed by make repo && make install', async () => {
    await operator.sh(`make repo REPO_URL=${operator.repositoryUrl} && make install HELM_ARGS='--wait --timeout 90s'`);
  });

  it('delivers what a trigger asks for', async () => {
    const { cluster, pulsar, address } = environment();
    await cluster.applyYaml(JSON.stringify(secret(namespace, pulsar.token('first'))));
    const spec = {
      pulsar: {
        broker: `ws://${address}:${link.port}`,
        topic,
        authTokenSecret: { name: 'pulsar', key: 'token' },
      },
      kubeless: { function: functionPods.url },
      deployment: dispatcherOf('1'),
    };
    const metadata = { ...trigger() };
    await cluster.applyYaml(JSON.stringify({ apiVersion: 'kubeless.io/v1', kind: 'PulsarTrigger', metadata, spec }));
    stream = startStream(pulsar, topic);
    ledger = createLedger('release', stream, functionPods);
    await readyTrigger(cluster, trigger());
    await enough();
    await ledger.settle();
  });

  it('rolls an override out: nothing lost, nothing twice', async () => {
    const { cluster } = environment();
    const before = await onlyDispatcher(cluster, namespace);
    await cluster.admin.patch(triggerPath(trigger()), { spec: { deployment: dispatcherOf('2') } });
    const isNew = (pod: ApiObject) => pod.metadata.name !== before.metadata.name;
    await settledDispatchers(cluster, namespace, { isRight: isNew });
    await readyTrigger(cluster, trigger());
    await enough();
    await ledger.settle();
  });

  it('loses nothing when a dispatcher is killed with -9', async function () {
    const { cluster } = environment();
    const node = nodeOf(environment(), this);
    const { metadata, status } = await onlyDispatcher(cluster, namespace);
    await node.killContainer(status.containerStatuses[0].containerID);
    await waitFor(async () => restartsOf(await onlyDispatcher(cluster, namespace)) === 1, {
      timeout: 60_000,
      interval: 200,
      what: `${metadata.name} to be started again`,
    });
    await settledDispatchers(cluster, namespace);
    await enough();
    await ledger.settle({ duplicates: IN_HAND });
  });

  it("goes on while the node's containerd restarts", async function () {
    const { cluster } = environment();
    const node = nodeOf(environment(), this);
    const restarts = restartsOf(await onlyDispatcher(cluster, namespace));
    await node.restartOnNode('containerd');
    await enough();
    await settledDispatchers(cluster, namespace);
    expect(restartsOf(await onlyDispatcher(cluster, namespace))).to.equal(restarts);
    await ledger.settle();
  });

  it('uses a new token of its Secret within 30 s, without a restart', async () => {
    const { cluster, pulsar } = environment();
    const admin = pulsarAdmin(pulsar);
    const restarts = restartsOf(await onlyDispatcher(cluster, namespace));
    await stream.pause();
    await admin.grant('public/default', 'second', ['consume']);
    await admin.revoke('public/default', 'first');
    const consumer = `${pulsar.wsUrl}/ws/v2/consumer/persistent/public/default/${topic}/another`;
    await waitFor(() => isRefused(consumer, pulsar.token('first')), {
      timeout: 60_000,
      what: 'the first token to be refused',
    });
    stream.resume();
    await cluster.applyYaml(JSON.stringify(secret(namespace, pulsar.token('second'))));
    const start = performance.now();
    link.cut();
    const published = stream.published.length;
    await waitFor(async () => (await functionPods.calls()).some(({ id }) => Number(id) > published + MARGIN), {
      timeout: 60_000,
      interval: 200,
      what: 'records to arrive by the new token',
    });
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(`      the new token worked after ${seconds.toFixed(1)} s\n`);
    expect(seconds).to.be.below(30);
    expect(restartsOf(await onlyDispatcher(cluster, namespace))).to.equal(restarts);
    await ledger.settle();
  });

  it('gives load to all pods of a function within 60 s of its scaling out', async () => {
    await functionPods.scale(3);
    const start = performance.now();
    await waitFor(async () => [...(await functionPods.callsByPod()).values()].every((calls) => calls.length > 0), {
      timeout: 60_000,
      interval: 500,
      what: 'each of 3 pods to be called',
    });
    process.stderr.write(`      load on 3 pods after ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
    await ledger.settle();
  });

  it('is upgraded under load by helm upgrade', async () => {
    const next = `--set image.tag=${NEXT} --set dispatcher.deployment.tag=${NEXT}`;
    await operator.sh(`make install HELM_ARGS='--wait --timeout 90s ${next}'`);
    await dispatchersOf(NEXT);
    await ledger.settle();
  });

  it('is rolled back by helm rollback', async () => {
    await operator.sh('helm rollback kpt --wait --timeout 90s');
    await dispatchersOf(VERSION);
    await ledger.settle();
  });

  it('ends its dispatcher with the trigger, when everything published has arrived', async () => {
    const { cluster } = environment();
    await stream.stop();
    const findings = await ledger.settle();
    await cluster.admin.delete(triggerPath(trigger()));
    await settledDispatchers(cluster, namespace, { count: 0 });
    expect(findings.lost).to.deep.equal([]);
  });

  it('is uninstalled by make delete, which leaves the CRDs', async () => {
    const { cluster } = environment();
    await operator.sh('make delete');
    await cluster.admin.get(CRD);
    const { items } = await cluster.admin.get('/apis/apps/v1/namespaces/default/deployments');
    expect(items).to.deep.equal([]);
  });

  it('leaves nothing after make deletecrd', async () => {
    const { cluster } = environment();
    await operator.sh('make deletecrd FORCE=1');
    await waitFor(async () => (await cluster.admin.find(CRD)) === undefined, { what: 'the CRD to be gone' });
  });

  /** Lets some records be published and wait, so that a settled ledger tells about now. */
  async function enough(): Promise<void> {
    const published = stream.published.length;
    await waitFor(() => stream.published.length >= published + 300, { timeout: 60_000, what: '300 more records' });
  }

  async function dispatchersOf(tag: string): Promise<void> {
    const { cluster } = environment();
    const isRight = ({ spec }: ApiObject) => spec.containers[0].image.endsWith(`:${tag}`);
    await settledDispatchers(cluster, namespace, { isRight });
    await readyTrigger(cluster, trigger());
    await enough();
  }
});

/** At most so many records are in hand or just delivered, and not yet known to the broker as such. */
const IN_HAND = 200;
/** Records that may have been on their way to a dispatcher when its connection was cut. */
const MARGIN = 100;
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pulsartriggers.kubeless.io';

/** Tells whether the broker lets nobody in with this token. */
async function isRefused(url: string, token: string): Promise<boolean> {
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  const answer = await Promise.race([once(socket, 'open'), once(socket, 'unexpected-response')]);
  socket.on('error', () => {}).terminate();
  return answer.length > 0;
}

function dispatcherOf(version: string) {
  const resources = { requests: { cpu: '50m', memory: '64Mi' } };
  const metadata = { annotations: { 'example.com/version': version } };
  return { spec: { template: { metadata, spec: { containers: [{ resources }] } } } };
}

function secret(namespace: string, token: string) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pulsar', namespace }, stringData: { token } };
}
