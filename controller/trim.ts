/** What is kept in memory of the objects that are watched: the fields that somebody here reads. */
import type {
  ContainerState,
  ContainerStatus,
  DeploymentObject,
  KubeObject,
  Metadata,
  NamespaceObject,
  PodObject,
  ServiceObject,
  TriggerObject,
} from './kube/objects.ts';
import { lastWords } from './status/last-words.ts';

/** kubectl's copy of the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

// Each takes the API server's JSON of its own path, which is why the casts hold.

export function trimTrigger(raw: KubeObject): TriggerObject {
  const { apiVersion, kind, metadata, spec, status } = raw as TriggerObject;
  return present({ apiVersion, kind, metadata: trimMetadata(metadata), spec, status });
}

export function trimDeployment(raw: KubeObject): DeploymentObject {
  const { metadata, spec = {}, status = {} } = raw as DeploymentObject;
  const { observedGeneration, replicas, updatedReplicas, readyReplicas, availableReplicas, conditions } = status;
  return present({
    metadata: trimMetadata(metadata),
    spec: present({ replicas: spec.replicas, paused: spec.paused, selector: spec.selector }),
    status: present({ observedGeneration, replicas, updatedReplicas, readyReplicas, availableReplicas, conditions }),
  });
}

export function trimPod(raw: KubeObject): PodObject {
  const { metadata, spec = {}, status = {} } = raw as PodObject;
  const { nodeName, hostNetwork, containers = [] } = spec;
  const { phase, reason, message, podIP, startTime, conditions, containerStatuses, initContainerStatuses } = status;
  return present({
    metadata: trimMetadata(metadata),
    spec: present({ nodeName, hostNetwork, containers: containers.map(({ name, image }) => present({ name, image })) }),
    status: present({
      phase,
      reason,
      message,
      podIP,
      startTime,
      conditions,
      containerStatuses: containerStatuses?.map(trimContainer),
      initContainerStatuses: initContainerStatuses?.map(trimContainer),
    }),
  });
}

/** Only that it is there. */
export function trimService({ metadata }: KubeObject): ServiceObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { metadata: present({ name, namespace, uid, resourceVersion }) };
}

export function trimNamespace(raw: KubeObject): NamespaceObject {
  const { metadata, status } = raw as NamespaceObject;
  return present({ metadata: trimMetadata(metadata), status });
}

function trimMetadata(metadata: Metadata): Metadata {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = metadata;
  const { labels, annotations, ownerReferences } = metadata;
  return present({
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp,
    labels,
    annotations: annotations && withoutLastApplied(annotations),
    ownerReferences,
  });
}

function withoutLastApplied(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (annotations[LAST_APPLIED] === undefined) return annotations;
  const { [LAST_APPLIED]: _, ...kept } = annotations;
  return kept;
}

function trimContainer({ name, ready, started, restartCount, image, state, lastState }: ContainerStatus) {
  return present({ name, ready, started, restartCount, image, state: bounded(state), lastState: bounded(lastState) });
}

/** The end of a container's log may be 4 KiB, twice: what it said last is all that is told of it. */
function bounded(state: ContainerState | undefined): ContainerState | undefined {
  if (state?.terminated?.message === undefined) return state;
  return { ...state, terminated: { ...state.terminated, message: lastWords(state.terminated.message) ?? '' } };
}

/** Without the fields that are undefined, as JSON would have it. */
function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  // What is left out was undefined, and only optional fields of T may be.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
