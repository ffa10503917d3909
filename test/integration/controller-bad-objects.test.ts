/** Objects that are wrong: refused by the API server, or told of in the status, and in nobody else's way. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { type ControllerRelease, installController } from '../support/controller-release.ts';
import { deploymentPath, triggerPath, triggersIn } from '../support/trigger-objects.ts';
import { waitFor } from '../support/wait-for.ts';

const CORPUS = new URL('../corpus/bad/', import.meta.url);
/** Milliseconds until a status says it. */
const SOON = 5_000;

type Fields = Readonly<Record<string, unknown>>;
const pod = (spec: Fields): Fields => ({ spec: { template: { spec } } });
const container = (fields: Fields): Fields => pod({ containers: [fields] });
const env = (...entries: readonly Fields[]): Fields => container({ env: entries });
const term = (operator: string) => ({ matchExpressions: [{ key: 'a', operator, values: ['b'] }] });

type Table = Readonly<Record<string, readonly [override: Fields, sentence: string]>>;

/** Overrides that only the API server can judge, and part of its sentence. */
const OVERRIDES: Table = {
  'field-of-a-container': [container({ imagee: 'x' }), 'imagee: field not declared in schema'],
  'field-of-a-deployment': [{ spec: { replica: 2 } }, '.spec.replica: field not declared in schema'],
  'resource-name': [container({ resources: { limits: { 'not a resource': '1' } } }), 'not a resource'],
  'variable-twofold': [
    env({ name: 'A', value: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }),
    'may not be specified when `value` is not empty',
  ],
  'variable-of-a-field': [env({ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.colour' } } }), 'colour'],
  'replicas-negative': [{ spec: { replicas: -1 } }, 'must be greater than or equal to 0'],
  'history-negative': [{ spec: { revisionHistoryLimit: -1 } }, 'must be greater than or equal to 0'],
  'label-name': [{ metadata: { labels: { '-bad': 'x' } } }, 'name part must consist of'],
  'label-value': [{ metadata: { labels: { good: 'not a label!' } } }, 'a valid label must be'],
  'annotation-name': [{ metadata: { annotations: { 'bad key': 'x' } } }, 'name part must consist of'],
  'annotation-long': [{ metadata: { annotations: { long: 'x'.repeat(300_000) } } }, 'Too long'],
  'pull-policy': [container({ imagePullPolicy: 'Sometimes' }), 'Unsupported value: "Sometimes"'],
  'restart-policy': [pod({ restartPolicy: 'Never' }), 'Unsupported value: "Never"'],
  'dns-policy': [pod({ dnsPolicy: 'Mine' }), 'Unsupported value: "Mine"'],
  port: [container({ ports: [{ containerPort: 99_999 }] }), 'must be between 1 and 65535'],
  'volume-twofold': [
    pod({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] }),
    'may not specify more than 1 volume type',
  ],
  toleration: [pod({ tolerations: [{ key: 'a', operator: 'Maybe' }] }), 'Unsupported value: "Maybe"'],
  'strategy-twofold': [
    { spec: { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } } },
    "may not be specified when strategy `type` is 'Recreate'",
  ],
  'strategy-standstill': [
    { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } } },
    'may not be 0 when `maxSurge` is 0',
  ],
  'probe-twofold': [
    container({ livenessProbe: { httpGet: { path: '/', port: 80 }, tcpSocket: { port: 80 } } }),
    'may not specify more than 1 handler type',
  ],
  'probe-negative': [container({ livenessProbe: { periodSeconds: -1 } }), 'must be greater than or equal to 0'],
  'host-alias': [pod({ hostAliases: [{ ip: 'nope', hostnames: ['a'] }] }), 'must be a valid IP address'],
  'service-account': [pod({ serviceAccountName: 'Bad Name' }), 'lowercase RFC 1123 subdomain'],
  affinity: [
    pod({
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term('Like')] } },
      },
    }),
    'not a valid selector operator',
  ],
  spread: [
    pod({ topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }] }),
    'must be greater than zero',
  ],
  'ready-seconds': [
    { spec: { minReadySeconds: 700, progressDeadlineSeconds: 600 } },
    'must be greater than minReadySeconds',
  ],
  'operating-system': [pod({ os: { name: 'plan9' } }), 'Unsupported value: "plan9"'],
  'ephemeral-container': [
    pod({ ephemeralContainers: [{ name: 'e', image: 'x' }] }),
    'ephemeral containers not allowed',
  ],
};

/** Overrides that are wrong for every API server, and part of our sentence. */
const MISTAKES: Table = {
  quantity: [container({ resources: { limits: { cpu: 'lots' } } }), 'resources.limits.cpu is "lots"'],
  'request-over-limit': [
    container({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
    'resources.requests.cpu is 2, more than the limit of 1',
  ],
  'variable-twice': [env({ name: 'A', value: 'a' }, { name: 'A', value: 'b' }), 'env[1] has the same name as'],
  'variable-boolean': [env({ name: 'A', value: true }), 'env[0].value is a boolean'],
  'variable-number': [env({ name: 'A', value: 5 }), 'env[0].value is a number'],
  'variable-of-a-secret': [
    env({ name: 'A', valueFrom: { secretKeyRef: { name: 'x' } } }),
    'secretKeyRef.key is missing',
  ],
  'replicas-text': [{ spec: { replicas: 'two' } }, 'spec.replicas is "two"'],
  'annotation-number': [{ metadata: { annotations: { count: 1 } } }, 'annotations.count is a number'],
  'mount-of-nothing': [
    container({ volumeMounts: [{ name: 'nope', mountPath: '/x' }] }),
    'volumeMounts[0].name is "nope"',
  ],
  'sidecar-without-name': [pod({ containers: [{}, { image: 'x' }] }), 'containers[1].name is missing'],
  'sidecar-twice': [
    pod({ containers: [{}, { name: 'side', image: 'x' }, { name: 'side', image: 'y' }] }),
    'containers[2] has the same name as',
  ],
  'node-selector-number': [pod({ nodeSelector: { gpu: 1 } }), 'nodeSelector.gpu is 1'],
  'node-name-number': [pod({ nodeName: 5 }), 'nodeName is 5'],
  privileges: [
    container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    'privileged is true, but',
  ],
  'user-by-name': [container({ securityContext: { runAsUser: 'root' } }), 'runAsUser is "root"'],
  command: [container({ command: 'run' }), 'command is a string'],
};

describe('objects that are wrong', function () {
  this.timeout(60_000);
  const kubernetes = useKubernetes();
  let release: ControllerRelease;
  let namespace: string;

  before(async function () {
    this.timeout(120_000);
    release = await installController(kubernetes());
    await release.start().ready();
    namespace = await kubernetes().namespace();
  });
  after(async () => {
    await release?.uninstall();
    await kubernetes().admin.delete(triggerPath(namespace));
  });

  for (const [index, file] of readdirSync(CORPUS).entries()) {
    it(`${file} is refused, or its status says why`, async () => {
      const text = readFileSync(new URL(file, CORPUS), 'utf8');
      const manifest = load(text);
      const name = `corpus-${index}`;
      const { status, text: answer } = await kubernetes().admin.request('POST', triggerPath(namespace), {
        body: JSON.stringify(renamed(manifest, name)),
        // As kubectl asks for; otherwise fields that aren't known are left out.
        query: { fieldValidation: 'Strict' },
      });
      if (status >= 400) {
        expect(status, answer).to.be.within(400, 422);
        return;
      }
      const triggers = triggersIn(kubernetes(), namespace);
      const { message } = await triggers.condition(name, 'Ready', 'InvalidSpec', SOON);
      const [, paths = ''] = /^# problems: ?(.*)$/m.exec(text) ?? [];
      expect(
        paths.split(', ').some((path) => message.includes(path)),
        `${paths}: ${message}`,
      ).to.equal(true);
    });
  }

  for (const [table, reason] of [
    [OVERRIDES, 'InvalidDeployment'],
    [MISTAKES, 'InvalidSpec'],
  ] as const) {
    for (const [name, [deployment, sentence]] of Object.entries(table)) {
      it(`an override with a wrong ${name.replaceAll('-', ' ')} shows in the status`, async () => {
        const triggers = triggersIn(kubernetes(), namespace);
        await triggers.apply(name, { deployment });
        const { message } = await triggers.condition(name, 'Ready', reason, SOON);
        expect(message).to.include(sentence);
      });
    }
  }

  it('all of them together delay nobody', async () => {
    const { admin } = kubernetes();
    const all = Object.entries({ ...OVERRIDES, ...MISTAKES }).map(([name, [deployment]]) =>
      admin.patch(triggerPath(namespace, name), {
        spec: { pulsar: { topic: 'persistent://public/default/others' }, deployment },
      }),
    );
    await Promise.all(all);
    const startedAt = performance.now();
    await triggersIn(kubernetes(), namespace).apply('good');
    await waitFor(() => admin.find(deploymentPath(namespace, 'good-pulsar')), {
      what: 'the Deployment of a good trigger',
    });
    expect(performance.now() - startedAt).to.be.below(SOON);
  });

  it('an override that is mended makes its Deployment at once', async () => {
    const triggers = triggersIn(kubernetes(), namespace);
    await triggers.apply('quantity', { deployment: container({ resources: { limits: { cpu: '2' } } }) });
    await triggers.deployment('quantity', 2_000);
  });
});

/** Under a name of its own, where it has a name that is right; and where nothing says in which namespace it is. */
function renamed(manifest: unknown, name: string): unknown {
  if (typeof manifest !== 'object' || manifest === null || !('metadata' in manifest)) return manifest;
  const { metadata } = manifest;
  if (typeof metadata !== 'object' || metadata === null) return manifest;
  const isNamed = 'name' in metadata && typeof metadata.name === 'string' && /^[-a-z0-9]+$/.test(metadata.name);
  return isNamed ? { ...manifest, metadata: { ...metadata, name } } : manifest;
}
