import { expect } from 'chai';
import { KubeError } from '../../../controller/kube/client.ts';
import type { DeploymentObject, KubeObject } from '../../../controller/kube/objects.ts';
import {
  deployment,
  elsewhere,
  KEY,
  namespaceObject,
  OTHER,
  type Scene,
  setUp,
  THERE,
  TRIGGER,
  trigger,
  UNAVAILABLE,
} from './reconciler-scene.ts';

describe('the controller deletes nothing on a guess:', () => {
  const there = (metadata: Partial<DeploymentObject['metadata']> = {}): DeploymentObject => {
    const object = deployment('other');
    return { ...object, metadata: { ...object.metadata, ...metadata } };
  };
  const refused = {
    trigger: trigger(elsewhere('other')),
    deployments: [deployment('ns'), there()],
    namespaces: { other: 'someone-else' },
  };
  const moved = {
    trigger: trigger(elsewhere('other')),
    deployments: [deployment('ns')],
    namespaces: { other: 'ns' },
  };
  const PROXY = new KubeError('HTTP 404 without a Status object', { status: 404, reason: 'PathNotFound' });
  const SILENT = new KubeError('no answer within 10000 ms', { status: 0, reason: 'Timeout' });
  const FORBIDDEN = new KubeError('namespaces "other" is forbidden', { status: 403, reason: 'Forbidden' });
  const newer = trigger(elsewhere('other'), { generation: 4 });
  const remade = trigger(elsewhere('other'), { uid: 'v' });

  const scenes: readonly [what: string, scene: Scene][] = [
    ['a gone trigger, when it can not be read', { deployments: [there()], fails: { [TRIGGER]: UNAVAILABLE } }],
    ['a gone trigger, when its resource is not served', { deployments: [there()], fails: { [TRIGGER]: PROXY } }],
    ['a gone trigger, when the Deployment can not be read', { deployments: [there()], fails: { [THERE]: SILENT } }],
    ['a refusing namespace, when it can not be read', { ...refused, fails: { [OTHER]: UNAVAILABLE } }],
    ['a refusing namespace, when it may not be read', { ...refused, fails: { [OTHER]: FORBIDDEN } }],
    ['a refusing namespace, when a proxy has no such path', { ...refused, fails: { [OTHER]: PROXY } }],
    ['a missing namespace, when it can not be read', { ...refused, namespaces: {}, fails: { [OTHER]: SILENT } }],
    ['a namespace of which nothing is known', { ...refused, namespaceUnknown: 'no answer' }],
    ['a refused trigger, when it can not be read', { ...refused, fails: { [TRIGGER]: UNAVAILABLE } }],
    ['a refused trigger that wants something else by now', { ...refused, live: { [TRIGGER]: newer } }],
    ['a refused trigger that is another one by now', { ...refused, live: { [TRIGGER]: remade } }],
    ['a refused trigger that is gone by now', { ...refused, live: { [TRIGGER]: undefined } }],
    [
      'a namespace of which a proxy says nothing',
      { ...refused, live: { [OTHER]: { metadata: { name: '' } } as KubeObject } },
    ],
    ['a moved trigger, when it can not be read', { ...moved, fails: { [TRIGGER]: UNAVAILABLE } }],
    ['a moved trigger that wants to be elsewhere by now', { ...moved, live: { [TRIGGER]: newer } }],
    [
      'a moved trigger whose new Deployment is not there',
      { ...moved, outcome: { deployment: there() }, live: { [THERE]: undefined } },
    ],
    [
      'a moved trigger whose new Deployment is about to go',
      { ...moved, outcome: { deployment: there({ deletionTimestamp: '2026-01-01T00:00:00Z' }), again: 5_000 } },
    ],
  ];
  for (const [what, scene] of scenes) {
    it(what, async () => {
      const { reconcile, did } = setUp(scene);
      const outcome = await reconcile(KEY).catch((error: unknown) => error);
      expect(did.filter((deed) => deed.startsWith('delete'))).to.deep.equal([]);
      // It is tried again, with backoff or after a while.
      if (!(outcome instanceof Error)) expect(outcome).to.have.property('again');
    });
  }

  const rival = there({ annotations: { 'kubeless.io/trigger': KEY, 'kubeless.io/managed-by': 'rival/kt' } });
  const others: readonly [what: string, scene: Scene][] = [
    ["a Deployment that only has a gone trigger's label", { deployments: [there({ annotations: {} })] }],
    ["a gone trigger's that is another installation's by now", { deployments: [there()], live: { [THERE]: rival } }],
    ["a refused trigger's that is another installation's by now", { ...refused, live: { [THERE]: rival } }],
  ];
  for (const [what, scene] of others) {
    it(what, async () => {
      const { reconcile, did } = setUp(scene);
      await reconcile(KEY);
      expect(did.filter((deed) => deed.startsWith('delete'))).to.deep.equal([]);
    });
  }

  it('says that it does not know, and what runs there', async () => {
    const { reconcile, statuses, ready } = setUp({ ...refused, fails: { [OTHER]: UNAVAILABLE } });
    expect(await reconcile(KEY).catch((error: unknown) => error)).to.equal(UNAVAILABLE);
    expect(ready()).to.include({ status: 'False', reason: 'NamespaceUnknown' });
    expect(ready()?.message).to.include('HTTP 503');
    expect(statuses).to.have.length(1);
  });

  for (const [what, namespaces] of [
    ['allows it', refused.namespaces],
    ['is there', {}],
  ] as const) {
    it(`goes on with a namespace that ${what} by now`, async () => {
      const { reconcile, did, ready } = setUp({
        ...refused,
        deployments: [there({ name: 'orders-pulsar-c7ac24d2' })],
        namespaces,
        live: { [OTHER]: namespaceObject('other', 'ns') },
      });
      await reconcile(KEY);
      expect(did).to.deep.equal(['apply other/orders-pulsar-c7ac24d2']);
      expect(ready()).to.include({ reason: 'Running' });
    });
  }

  it('asks for nothing while there is nothing to delete', async () => {
    const { reconcile, asked } = setUp({ ...refused, deployments: [deployment('ns')] });
    await reconcile(KEY);
    expect(asked).to.deep.equal([]);
  });
});
