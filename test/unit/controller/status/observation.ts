/** What the controller may have observed of a trigger that does well; tests change one thing at a time. */
import { parseTrigger } from '../../../../api/trigger.ts';
import type { DeploymentObject, PodObject, TriggerObject } from '../../../../controller/kube/objects.ts';
import type { Observed } from '../../../../controller/status/observed.ts';
import { aDispatcherStatus } from '../../../support/dispatcher-status.ts';
import { NOW } from './fixture.ts';

export function aTrigger(spec: Readonly<Record<string, unknown>> = {}): TriggerObject {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'orders', namespace: 'shop', uid: 't', resourceVersion: '7', generation: 3 },
    spec: {
      pulsar: { topic: 'persistent://public/default/orders', broker: 'ws://pulsar:8080' },
      kubeless: { function: 'http://hello:8080' },
      ...spec,
    },
  };
}

/** `ready` of `desired` dispatchers, each with what it says. */
export function anObservation(changes: Partial<Observed> = {}): Observed {
  const trigger = changes.trigger ?? aTrigger();
  const parsed = parseTrigger({
    ...trigger,
    metadata: { name: trigger.metadata.name, namespace: trigger.metadata.namespace },
  });
  return {
    trigger,
    parsed: 'trigger' in parsed ? parsed.trigger : undefined,
    ...('problems' in parsed && { problems: parsed.problems }),
    deployment: aDeployment(),
    pods: [aPod('orders-pulsar-a')],
    events: [],
    functionLookup: { kind: 'found', namespace: 'shop', service: 'hello' },
    dispatchers: [{ pod: 'orders-pulsar-a', status: aDispatcherStatus() }],
    dispatcher: 'current',
    now: NOW,
    ...changes,
  };
}

export function aDeployment(ready = 1, desired = 1): DeploymentObject {
  return {
    metadata: { name: 'orders-pulsar', namespace: 'shop', uid: 'd', resourceVersion: '1', generation: 1 },
    spec: { replicas: desired },
    status: { observedGeneration: 1, replicas: desired, updatedReplicas: desired, readyReplicas: ready },
  };
}

export function aPod(name: string): PodObject {
  return {
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1' },
    spec: { nodeName: 'node-1', containers: [{ name: 'dispatcher', image: 'd' }] },
    status: {
      phase: 'Running',
      podIP: '10.244.0.7',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'dispatcher', ready: true, restartCount: 0, state: { running: {} } }],
    },
  };
}
