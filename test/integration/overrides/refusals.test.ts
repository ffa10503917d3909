/** Overrides that can be merged and that an API server refuses: its sentence names the field, and none is tried again. */
import { expect } from 'chai';
import { judgeRefusal } from '../../../controller/apply-failure.ts';
import { useNamespaces } from '../../servers/kubernetes/shared.ts';
import { givenOf, type Overridden, rendered } from '../../support/rendered.ts';
import { deploymentPath } from './stored.ts';

const refused: readonly [what: string, given: Overridden, sentence: string][] = [
  [
    'an unknown field',
    { deployment: { spec: { template: { spec: { nodeselector: {} } } } } },
    '.spec.template.spec.nodeselector',
  ],
  ['a quantity that is none', { dispatcher: { resources: { limits: { cpu: 'lots' } } } }, 'quantities must match'],
  ['a variable twice', { dispatcher: { env: [{ name: 'A' }, { name: 'A' }] } }, 'duplicate entries for key [name="A"]'],
  [
    'a sidecar without a name',
    { pod: { containers: [{}, { image: 'x' }] } },
    'spec.template.spec.containers[1].name: Required value',
  ],
  [
    'two sidecars of one name',
    { pod: { containers: [{}, ...['a', 'b'].map((image) => ({ name: 's', image }))] } },
    'duplicate entries for key [name="s"]',
  ],
  [
    'more asked for than allowed',
    { dispatcher: { resources: { limits: { memory: '128Mi' } } } },
    'must be less than or equal to memory limit',
  ],
  ['no image', { dispatcher: { image: null } }, 'spec.template.spec.containers[0].image: Required value'],
  [
    'a label that is a number',
    { deployment: { metadata: { labels: { a: 5 } } } },
    '.metadata.labels.a: expected string',
  ],
  ['an object of another type', { pod: { affinity: 'none' } }, '.spec.template.spec.affinity: expected map'],
  [
    'a mount of nothing',
    { dispatcher: { volumeMounts: [{ name: 'none', mountPath: '/x' }] } },
    'volumeMounts[1].name: Not found: "none"',
  ],
  ['an unknown strategy', { deployment: { spec: { strategy: { type: 'Yolo' } } } }, 'spec.strategy: Unsupported value'],
  ['replicas below zero', { deployment: { spec: { replicas: -1 } } }, 'spec.replicas: Invalid value: -1'],
];

describe('an API server refuses, naming it,', function () {
  this.timeout(60_000);
  const kubernetes = useNamespaces();
  let namespace = '';

  before(async () => {
    namespace = await kubernetes().namespace();
  });

  for (const [what, given, sentence] of refused) {
    it(what, async () => {
      const { deployment, name } = rendered({ ...givenOf(given), namespace, uid: undefined });
      const { status, text } = await kubernetes().admin.request('PATCH', deploymentPath(namespace, name), {
        body: deployment,
        query: { fieldManager: 'kubeless-triggers', force: 'true' },
        contentType: 'application/apply-patch+yaml',
      });
      const { reason = '', message } = JSON.parse(text);
      expect(message).includes(sentence);
      expect(judgeRefusal({ status, reason, message })).include({ reason: 'InvalidDeployment', retry: 'never' });
    });
  }
});
