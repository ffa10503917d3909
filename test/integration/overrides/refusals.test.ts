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
  [
    'a volume with a name that none can have',
    { pod: { volumes: [{ name: 'A_' }] } },
    'spec.template.spec.volumes[1].name',
  ],
  [
    "the dispatcher's name for a container before it",
    { pod: { initContainers: [{ name: 'dispatcher', image: 'x' }] } },
    'spec.template.spec.initContainers[0].name: Duplicate value: "dispatcher"',
  ],
  [
    'less for the pod than its container may have',
    { pod: { resources: { limits: { memory: '256Mi' } } } },
    'must be less than or equal to pod limits of 256Mi',
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
