/** What becomes of a Deployment when its trigger's override changes, and when others write to it. */
import { expect } from 'chai';
import type { KubernetesAdmin } from '../../servers/kubernetes/admin.ts';
import { useNamespaces } from '../../servers/kubernetes/shared.ts';
import { type Overridden, rendered } from '../../support/rendered.ts';
import { apply, deploymentPath, pathOf, type Stored, storedOf } from './stored.ts';

const oneByOne = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };

describe('a Deployment', function () {
  this.timeout(60_000);
  const kubernetes = useNamespaces();
  let namespace = '';
  let admin: KubernetesAdmin;
  let made = 0;

  before(async () => {
    ({ admin } = kubernetes());
    namespace = await kubernetes().namespace();
  });

  const trigger = () => {
    const name = `changing-${made++}`;
    return (overridden: Overridden = {}) => apply(admin, { ...overridden, namespace, name });
  };

  const changes: readonly [what: string, to: Overridden, look: (stored: Stored) => unknown, is: unknown][] = [
    ['nodeSelector', { pod: { nodeSelector: { a: 'b' } } }, ({ pod }) => pod.nodeSelector, { a: 'b' }],
    ['a sidecar', { pod: { containers: [{}, { name: 's', image: 'x' }] } }, ({ pod }) => pod.containers.length, 2],
    [
      'a variable',
      { dispatcher: { env: [{ name: 'A', value: '1' }] } },
      ({ dispatcher }) => dispatcher.env.at(-1),
      { name: 'A', value: '1' },
    ],
    [
      'the source of a variable',
      { dispatcher: { env: [{ name: 'TZ', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] } },
      ({ dispatcher }) => dispatcher.env.at(-1).valueFrom,
      { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
    ],
    [
      'the handler of a probe',
      { dispatcher: { livenessProbe: { exec: { command: ['true'] } } } },
      ({ dispatcher }) => Object.keys(dispatcher.livenessProbe).includes('exec'),
      true,
    ],
    [
      'the source of a volume',
      { pod: { volumes: [{ name: 'tmp', configMap: { name: 'c' } }] } },
      ({ pod }) => Object.keys(pod.volumes[0]),
      ['name', 'configMap'],
    ],
    [
      'a removal',
      { dispatcher: { resources: { limits: null } } },
      ({ dispatcher }) => dispatcher.resources.limits,
      undefined,
    ],
    [
      'the strategy',
      { deployment: { spec: { strategy: oneByOne } } },
      ({ deployment }) => deployment.spec.strategy,
      oneByOne,
    ],
    ['replicas', { deployment: { spec: { replicas: 3 } } }, ({ deployment }) => deployment.spec.replicas, 3],
    [
      'an annotation',
      { deployment: { metadata: { annotations: { note: 'x' } } } },
      ({ deployment }) => Object.keys(deployment.metadata.annotations ?? {}).includes('note'),
      true,
    ],
    [
      "an image of one's own",
      { dispatcher: { image: 'mine' } },
      ({ pod, dispatcher }) => [pod.securityContext, pod.volumes, dispatcher.ports, dispatcher.readinessProbe],
      [{}, undefined, undefined, undefined],
    ],
  ];
  for (const [what, to, look, is] of changes) {
    it(`takes ${what} on, and back`, async () => {
      const reapply = trigger();
      const first = await reapply();
      expect(look(first)).not.to.eql(is);
      expect(look(await reapply(to))).eql(is);
      expect(specOf(await reapply())).eql(specOf(first));
    });
  }

  it('starts with a rolling update and turns to Recreate, and back', async () => {
    const reapply = trigger();
    const strategies = [];
    for (const replicas of [2, 1, 2]) {
      const { deployment } = await reapply({ spec: { scaling: { replicas } } });
      strategies.push(deployment.spec.strategy);
    }
    expect(strategies).eql([oneByOne, { type: 'Recreate' }, oneByOne]);
  });

  it("keeps an autoscaler's number of replicas", async () => {
    const reapply = trigger();
    const { deployment } = await reapply();
    const scale = { spec: { replicas: 5 } };
    await admin.patch(`${pathOf(deployment)}/scale?fieldManager=autoscaler`, scale);
    const after = await reapply({ dispatcher: { env: [{ name: 'A', value: '1' }] } });
    expect(after.deployment.spec.replicas).equals(5);
    const stated = await reapply({ spec: { scaling: { replicas: 2 } } });
    expect(stated.deployment.spec.replicas).equals(2);
  });

  it("is given to an autoscaler when its trigger's number is taken back", async () => {
    const reapply = trigger();
    const { deployment } = await reapply({ spec: { scaling: { replicas: 2 } } });
    await admin.patch(`${pathOf(deployment)}/scale?fieldManager=autoscaler`, { spec: { replicas: 4 } });
    expect((await reapply()).deployment.spec.replicas).equals(4);
  });

  it('keeps what others wrote into fields that are not ours', async () => {
    const reapply = trigger();
    const { deployment } = await reapply();
    const restarted = { 'kubectl.kubernetes.io/restartedAt': '2030-01-01T00:00:00Z' };
    await admin.patch(pathOf(deployment), { spec: { template: { metadata: { annotations: restarted } } } });
    const after = await reapply({ dispatcher: { image: 'mine' } });
    expect(after.template.metadata.annotations).include(restarted);
  });

  it('gets back what others wrote into fields that are ours', async () => {
    const reapply = trigger();
    const first = await reapply();
    const containers = [{ name: 'dispatcher', image: 'theirs', livenessProbe: null }];
    const patch = { spec: { template: { spec: { containers } } } };
    const edited = await admin.patch(pathOf(first.deployment), patch, 'application/strategic-merge-patch+json');
    expect(storedOf(edited).dispatcher).property('image', 'theirs');
    expect(specOf(await reapply())).eql(specOf(first));
  });

  it('is one of two for triggers of one name in two namespaces', async () => {
    const other = await kubernetes().namespace();
    const target = { deployment: { metadata: { namespace } } };
    const given = [other, `${other}-2`].map((from) => ({ ...target, name: 'same', namespace: from }));
    const both = await Promise.all(given.map((each) => apply(admin, each)));
    const found = both.map(({ deployment }) => deployment);
    for (const { metadata } of found) expect(metadata).property('namespace', namespace);
    expect(new Set(found.map(({ metadata }) => metadata.uid))).property('size', 2);
    expect(new Set(found.map(({ spec }) => JSON.stringify(spec.selector)))).property('size', 2);
  });

  for (const length of [63, 253]) {
    it(`is there for a trigger with a name of ${length} characters, and its pod too`, async () => {
      const { admin: cluster } = kubernetes();
      const name = `${'n.'.repeat(10)}${'a'.repeat(length - 20)}`;
      const { deployment } = await apply(cluster, { name, namespace });
      expect(deployment.metadata.name).to.have.length.at.most(63);
      expect(deployment.metadata.name).equals(rendered({ name, namespace }).name);
      expect(await cluster.find(deploymentPath(namespace, deployment.metadata.name))).not.equals(undefined);
    });
  }
});

function specOf({ deployment }: Stored): unknown {
  return deployment.spec;
}
