/** The examples of docs/deployment-overrides.md, on a real API server. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { useNamespaces } from '../../servers/kubernetes/shared.ts';
import { apply, type Stored } from './stored.ts';

const PAGE = readFileSync(new URL('../../../docs/deployment-overrides.md', import.meta.url), 'utf8');

/** What becomes of the example below each heading. */
const EXPECTED: Readonly<Record<string, readonly [look: (stored: Stored) => unknown, is: unknown]>> = {
  'A node with a GPU': [
    ({ pod, dispatcher }) => [pod.nodeSelector, pod.tolerations.length, dispatcher.resources.limits],
    [{ accelerator: 'nvidia-l4' }, 2, { cpu: '1', memory: '1Gi', 'nvidia.com/gpu': '1' }],
  ],
  'A sidecar': [({ pod }) => names(pod.containers), ['dispatcher', 'broker-proxy']],
  Variables: [
    ({ dispatcher }) => [names(dispatcher.env).slice(-2), dispatcher.envFrom.length],
    [['LOG_LEVEL', 'TZ'], 1],
  ],
  'A ServiceAccount with a role of the cloud': [
    ({ pod }) => [pod.serviceAccountName, pod.automountServiceAccountToken],
    ['orders-dispatcher', false],
  ],
  "A certificate authority of one's own": [
    ({ pod, dispatcher }) => [names(pod.volumes), names(dispatcher.volumeMounts), names(dispatcher.env).at(-1)],
    [['tmp', 'company-ca'], ['tmp', 'company-ca'], 'NODE_EXTRA_CA_CERTS'],
  ],
  'Replicas that an autoscaler sets': [
    ({ deployment }) => deployment.spec.strategy,
    { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  ],
  'Another namespace': [({ deployment }) => /^documented-\d+-pulsar-[0-9a-f]{8}$/.test(deployment.metadata.name), true],
  'Removing a default': [
    ({ dispatcher }) => [
      dispatcher.resources.limits,
      dispatcher.livenessProbe,
      names(dispatcher.env).includes('TIMEZONE'),
    ],
    [{ memory: '1Gi' }, undefined, false],
  ],
  "A dispatcher image of one's own": [
    ({ dispatcher }) => [dispatcher.image, dispatcher.readinessProbe, names(dispatcher.env).includes('TRIGGER')],
    ['registry.example.com/my-dispatcher:1.0', undefined, false],
  ],
};

describe('an example of the documentation', function () {
  this.timeout(60_000);
  const kubernetes = useNamespaces();
  const examples = [...PAGE.matchAll(/^### ([^\n]+)\n[^#]*?^```yaml\n(.*?)^```/gms)];
  let made = 0;

  for (const [, heading = '', yaml = ''] of examples) {
    it(`does what its heading says: ${heading}`, async () => {
      const { admin, namespace: createNamespace } = kubernetes();
      const [look, is] = EXPECTED[heading] ?? [];
      if (look === undefined) throw new Error(`say in EXPECTED what becomes of "${heading}"`);
      const namespace = await createNamespace();
      // An example is an object with one field.
      const { deployment } = load(yaml.replace(': dispatchers\n', `: ${namespace}\n`)) as { deployment: unknown };
      const own = yaml.includes(': dispatchers\n') ? await createNamespace() : namespace;
      const stored = await apply(admin, { namespace: own, name: `documented-${made++}`, deployment });
      expect(look(stored)).eql(is);
    });
  }

  it('is there for each that is expected', () => {
    expect(examples.map(([, heading]) => heading)).to.have.members(Object.keys(EXPECTED));
  });
});

function names(entries: readonly { readonly name: string }[]): readonly string[] {
  return entries.map(({ name }) => name);
}
