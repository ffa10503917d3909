/** What merging alone can't make right in an override that has the right types. */
import { show } from '../../api/show.ts';
import type { Problem, Trigger } from '../../api/trigger.ts';
import { type ContainersConsidered, containerProblems } from './container-problems.ts';
import { DISPATCHER_ANNOTATION } from './labels.ts';
import { isRemoved } from './merge.ts';
import type { DispatcherKind, Fields } from './templates.ts';

const METADATA = 'spec.deployment.metadata';
const POD_METADATA = 'spec.deployment.spec.template.metadata';
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The user's own word on what the image understands, and the object that it is on. */
export interface Mark {
  readonly value: unknown;
  readonly path: string;
  /** Absent where the value is missing, or wrong. */
  readonly kind?: DispatcherKind;
}

interface Considered extends ContainersConsidered {
  readonly mark: Mark;
  readonly replicas: unknown;
}

export function overrideProblems(trigger: Trigger, considered: Considered): readonly Problem[] {
  const { override, mark, replicas, dispatcher } = considered;
  return [
    ...namespaceProblems(override.metadata.namespace),
    ...systemProblems(override.metadata, METADATA),
    ...systemProblems(override.podMetadata, POD_METADATA),
    ...markProblems(mark),
    ...containerProblems(considered),
    ...replicaProblems(trigger, replicas),
    ...topicProblems(trigger, dispatcher),
  ];
}

function namespaceProblems(namespace: unknown): readonly Problem[] {
  if (namespace === undefined || isRemoved(namespace)) return [];
  if (typeof namespace === 'string' && NAMESPACE.test(namespace)) return [];
  const path = `${METADATA}.namespace`;
  const message = `is ${show(namespace, path)}, which isn't the name of a namespace`;
  return [{ path, message, cure: 'Write up to 63 of a-z, 0-9 and -, or leave it out.' }];
}

const SYSTEM_FIELDS = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** As in copies of live objects. */
function systemProblems(metadata: Fields, path: string): readonly Problem[] {
  return SYSTEM_FIELDS.filter((field) => metadata[field] !== undefined && !isRemoved(metadata[field])).map((field) => {
    const setter = field === 'ownerReferences' ? 'the owner is the trigger' : 'only the API server sets it';
    return { path: `${path}.${field}`, message: `is given, but ${setter}`, cure: 'Remove it.' };
  });
}

function markProblems({ value, path, kind }: Mark): readonly Problem[] {
  if (value === undefined || kind !== undefined) return [];
  const message = `has ${DISPATCHER_ANNOTATION}: ${show(value, path)}`;
  return [{ path, message, cure: 'Write current or original, or leave it out.' }];
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
