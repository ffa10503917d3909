/** The Events that the controller writes are ones that the API server takes and kubectl shows. */
import { expect } from 'chai';
import { createLogger } from '../../common/logger.ts';
import { createKubeClient } from '../../controller/kube/client.ts';
import type { TriggerObject } from '../../controller/kube/objects.ts';
import { createEventRecorder } from '../../controller/status/events.ts';
import type { Transition } from '../../controller/status/transitions.ts';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';

const crash: Transition = { type: 'Warning', reason: 'CrashLoop', note: 'it ends: see its log', action: 'Reconcile' };

describe('Events of a trigger', function () {
  this.timeout(60_000);
  const kubernetes = useKubernetes();

  it('are shown with the trigger, long notes cut to what is allowed, and counted when they come again', async () => {
    const { kubeconfig, namespace, admin, kubectl } = kubernetes();
    const ns = await namespace();
    const client = createKubeClient({ kubeconfig });
    const trigger: TriggerObject = {
      apiVersion: 'kubeless.io/v1',
      kind: 'PulsarTrigger',
      metadata: { name: 'a'.repeat(253), namespace: ns, uid: 'trigger-uid', resourceVersion: '7' },
    };
    try {
      const recorder = createEventRecorder({ client, instance: 'controller-0', logger: createLogger('silent') });
      await recorder.record(trigger, { ...crash, reason: 'Long', note: 'ü\n'.repeat(2000) });
      for (let times = 0; times < 2; times += 1) await recorder.record(trigger, crash);
    } finally {
      await client.close();
    }
    const path = `/apis/events.k8s.io/v1/namespaces/${ns}/events`;
    const { items } = await admin.get<{ items: readonly ApiObject[] }>(path);
    const told = items.map(({ reason, series }) => [String(reason), series?.count]);
    expect(told).to.have.deep.members([
      ['Long', undefined],
      ['CrashLoop', 2],
    ]);
    expect(await kubectl('get', 'events', '--namespace', ns)).to.match(
      /Warning +CrashLoop +pulsartrigger\/a+ +it ends/,
    );
  });
});
