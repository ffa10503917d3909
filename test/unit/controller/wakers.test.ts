import { expect } from 'chai';
import type { KubeObject, TriggerObject } from '../../../controller/kube/objects.ts';
import { createOwnWrites } from '../../../controller/own-writes.ts';
import { createWakers } from '../../../controller/wakers.ts';

const KEY = 'PulsarTrigger/ns/a';

function trigger(resourceVersion: string, more: Partial<TriggerObject['metadata']> = {}): TriggerObject {
  return { metadata: { name: 'a', namespace: 'ns', uid: 'a', generation: 1, resourceVersion, ...more } };
}

function of(key: string | undefined): KubeObject {
  const annotations = key === undefined ? {} : { 'kubeless.io/trigger': key };
  return { metadata: { name: 'd', namespace: 'ns', uid: 'd', resourceVersion: '1', annotations } };
}

function setUp() {
  const woken: string[] = [];
  const writtenTriggers = createOwnWrites<TriggerObject>();
  const wakers = createWakers({
    wake: (key) => woken.push(key),
    writtenTriggers,
    writtenDeployments: createOwnWrites(),
    observer: () => ({
      keyOfDeployment: (_, name) => (name === 'known' ? KEY : undefined),
      keysOfService: () => ['of the service'],
      keysOfNamespace: () => ['of the namespace'],
    }),
    dispatchers: () => ({ changed: () => {} }),
  });
  return { woken, wakers, writtenTriggers };
}

describe('what wakes a trigger', () => {
  it('is its own coming, change and going', () => {
    const { woken, wakers } = setUp();
    wakers.onTrigger(KEY, { after: trigger('1') });
    wakers.onTrigger(KEY, { before: trigger('1'), after: trigger('2', { generation: 2 }) });
    wakers.onTrigger(KEY, { before: trigger('2') });
    expect(woken).to.deep.equal([KEY, KEY, KEY]);
  });

  it('is not the status that was just written', () => {
    const { woken, wakers, writtenTriggers } = setUp();
    writtenTriggers.remember(KEY, trigger('2'));
    wakers.onTrigger(KEY, { before: trigger('1'), after: trigger('2') });
    expect(woken).to.deep.equal([]);
  });

  it("is a user's change below the status that was just written, seen with it", () => {
    const { woken, wakers, writtenTriggers } = setUp();
    writtenTriggers.remember(KEY, trigger('3', { generation: 2 }));
    wakers.onTrigger(KEY, { before: trigger('1'), after: trigger('3', { generation: 2 }) });
    expect(woken).to.deep.equal([KEY]);
  });

  it("is somebody else's writing to the status", () => {
    const { woken, wakers, writtenTriggers } = setUp();
    writtenTriggers.remember(KEY, trigger('2'));
    wakers.onTrigger(KEY, { before: trigger('2'), after: trigger('3') });
    expect(woken).to.deep.equal([KEY]);
  });

  it('is a Deployment or a pod of it, also one that is so no longer', () => {
    const { woken, wakers } = setUp();
    wakers.onDeployment({ before: of(KEY), after: of(undefined) });
    wakers.onPod({ after: of('PulsarTrigger/ns/b') });
    wakers.onPod({ after: of('no key') });
    expect(woken).to.deep.equal([KEY, 'PulsarTrigger/ns/b']);
  });

  it('is its Deployment, whatever that says of itself', () => {
    const { woken, wakers } = setUp();
    const stripped = { metadata: { name: 'known', namespace: 'ns', uid: 'd', resourceVersion: '1' } };
    wakers.onDeployment({ before: stripped });
    expect(woken).to.deep.equal([KEY]);
  });

  it('is a Service that comes or goes, and a namespace that does or allows something else', () => {
    const { woken, wakers } = setUp();
    wakers.onService({ after: of(undefined) });
    wakers.onService({ before: of(undefined), after: of(undefined) });
    wakers.onNamespace({ before: of(undefined), after: of('*') });
    wakers.onNamespace({ before: of('*'), after: of('*') });
    expect(woken).to.deep.equal(['of the service', 'of the namespace']);
  });

  it('is a namespace that is about to go', () => {
    const { woken, wakers } = setUp();
    const { metadata } = of(undefined);
    wakers.onNamespace({ before: { metadata }, after: { metadata: { ...metadata, deletionTimestamp: 'now' } } });
    expect(woken).to.deep.equal(['of the namespace']);
  });
});
