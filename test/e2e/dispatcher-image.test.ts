import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { isSound, judge, summarise } from '../support/ledger.ts';
import { waitFor } from '../support/wait-for.ts';
import { useEnvironment } from './environment.ts';
import { startFunctionPods } from './function-pods.ts';
import { imageOf, VERSION } from './product-images.ts';
import { startStream } from './stream.ts';

describe('the image of the dispatcher, in a Deployment written by hand', () => {
  const environment = useEnvironment();

  it('delivers a topic to a function, told what to do by the variables of the original', async function () {
    this.timeout(120_000);
    const { cluster, pulsar, nodeImage, registry } = environment();
    const namespace = await cluster.namespace({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    const topic = `by-hand-${randomBytes(4).toString('hex')}`;
    const admin = pulsarAdmin(pulsar);
    await admin.createTopic(topic);
    await admin.createSubscription(topic, `by-hand-${namespace}`, 'earliest');
    await admin.grant('public/default', 'by-hand', ['consume']);
    const functionPods = await startFunctionPods(cluster, { namespace, image: nodeImage });
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'dispatcher', namespace },
      spec: deploymentSpec(imageOf(registry, 'dispatcher', VERSION), {
        TRIGGER_NAME: 'by-hand',
        TRIGGER_NAMESPACE: namespace,
        PULSAR_BROKER: pulsar.wsUrl,
        PULSAR_TOPIC: topic,
        PULSAR_AUTH_TOKEN: pulsar.token('by-hand'),
        KUBELESS_FUNCTION: functionPods.url,
      }),
    };
    await cluster.applyYaml(JSON.stringify(deployment));

    const stream = startStream(pulsar, topic);
    await waitFor(() => stream.published.length >= 200, { what: '200 records to be published' });
    await stream.stop();
    const findings = await waitFor(
      async () => {
        const found = judge({ published: stream.published, calls: await functionPods.calls(), deaths: new Map() });
        return found.lost.length === 0 && found;
      },
      { timeout: 60_000, interval: 200, what: 'all records to arrive' },
    );
    expect(isSound(findings), summarise(findings)).to.equal(true);
    expect(findings.duplicates).to.equal(0);
  });
});

function deploymentSpec(image: string, env: Readonly<Record<string, string>>) {
  const labels = { app: 'dispatcher' };
  return {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'dispatcher',
            image,
            imagePullPolicy: 'IfNotPresent',
            env: Object.entries(env).map(([name, value]) => ({ name, value })),
            readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    },
  };
}
