/** What merging alone can't make right in an override that has the right types. */
import { show } from '../../api/show.ts';
import type { Problem, Trigger } from '../../api/trigger.ts';
import { DISPATCHER_ANNOTATION } from './labels.ts';
import { isRemoved } from './merge.ts';
import type { Override } from './override.ts';
import type { DispatcherKind } from './templates.ts';

const METADATA = 'spec.deployment.metadata';
const CONTAINERS = 'spec.deployment.spec.template.spec.containers';
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The user's own word on what the image understands, and the object that it is on. */
export interface Mark {
  readonly value: unknown;
  readonly path: string;
  /** Absent where the value is missing, or wrong. */
  readonly kind?: DispatcherKind;
}

interface Considered {
  readonly override: Override;
  readonly mark: Mark;
  readonly dispatcher: DispatcherKind;
  /** Of the dispatcher's container. */
  readonly name: unknown;
  readonly replicas: unknown;
}

export function overrideProblems(trigger: Trigger, considered: Considered): readonly Problem[] {
  return [
    ...namespaceProblems(considered.override.metadata.namespace),
    ...ownerProblems(considered.override.metadata.ownerReferences),
    ...markProblems(considered.mark),
    ...nameProblems(considered),
    ...replicaProblems(trigger, considered.replicas),
    ...topicProblems(trigger, considered.dispatcher),
  ];
}

function namespaceProblems(namespace: unknown): readonly Problem[] {
  if (namespace === undefined || isRemoved(namespace)) return [];
  if (typeof namespace === 'string' && NAMESPACE.test(namespace)) return [];
  const path = `${METADATA}.namespace`;
  const message = `is ${show(namespace, path)}, which isn't the name of a namespace`;
  return [{ path, message, cure: 'Write up to 63 of a-z, 0-9 and -, or leave it out.' }];
}

function ownerProblems(owners: unknown): readonly Problem[] {
  if (owners === undefined || isRemoved(owners)) return [];
  const message = "is given, but a Deployment's owner is its trigger";
  return [{ path: `${METADATA}.ownerReferences`, message, cure: 'Remove it.' }];
}

function markProblems({ value, path, kind }: Mark): readonly Problem[] {
  if (value === undefined || kind !== undefined) return [];
  const message = `has ${DISPATCHER_ANNOTATION}: ${show(value, path)}`;
  return [{ path, message, cure: 'Write current or original, or leave it out.' }];
}

function nameProblems({ override, name: dispatcherName }: Considered): readonly Problem[] {
  return override.otherContainers.flatMap(({ name }, index) => {
    if (name === undefined || name !== dispatcherName) return [];
    const path = `${CONTAINERS}[${index + 1}].name`;
    const message = `is ${show(name, path)}, the name of the dispatcher's own container`;
    return [{ path, message, cure: 'Name it otherwise; the first container of the list is the dispatcher.' }];
  });
}

function replicaProblems({ source }: Trigger, replicas: unknown): readonly Problem[] {
  if (source.subscription.type !== 'Exclusive' || typeof replicas !== 'number' || replicas <= 1) return [];
  const message = `is ${replicas}, but an Exclusive subscription has one consumer`;
  const cure = 'Set replicas to 1, or spec.pulsar.subscription.type to Failover.';
  return [{ path: 'spec.deployment.spec.replicas', message, cure }];
}

function topicProblems({ source }: Trigger, dispatcher: DispatcherKind): readonly Problem[] {
  if (dispatcher === 'current' || source.topics.length === 1) return [];
  const message = `has ${source.topics.length} entries, but a dispatcher image of one's own is told of one topic only`;
  const cure = `Make a trigger for each, or annotate the trigger with ${DISPATCHER_ANNOTATION}: current.`;
  return [{ path: 'spec.pulsar.topics', message, cure }];
}
