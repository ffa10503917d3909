/** What only a pod's Events say: why its volumes aren't mounted, or its network isn't made. */
import type { EventObject, PodObject } from '../kube/objects.ts';
import { missingObject } from './missing-object.ts';
import { plainText } from './plain-text.ts';
import type { Trouble } from './trouble.ts';

/** Milliseconds that containers may be in creation before the pod's Events are asked why. */
export const CREATION = 5_000;

/** Whether the pod's Events are needed: it has a node, its containers stay unmade, and it doesn't say why. */
export function wantsEvents(pod: PodObject, now: number): boolean {
  const since = creatingSince(pod);
  return since !== undefined && now - since >= CREATION;
}

/** Since when a pod's containers are in creation, in milliseconds since the epoch; undefined: they aren't. */
export function creatingSince({ metadata, status, spec }: PodObject): number | undefined {
  if (metadata.deletionTimestamp !== undefined || status?.phase !== 'Pending') return undefined;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const isBegun = containers.some(({ state }) => !CREATING.has(state?.waiting?.reason ?? ''));
  if (isBegun || (spec?.nodeName === undefined && containers.length === 0)) return undefined;
  const since = Date.parse(status.startTime ?? metadata.creationTimestamp ?? '');
  return Number.isNaN(since) ? undefined : since;
}

const CREATING = new Set(['ContainerCreating', 'PodInitializing']);

export function troubleInEvents(pod: PodObject, events: readonly EventObject[]): Trouble | undefined {
  const latest = failuresSinceProgress(events.filter(({ involvedObject }) => involvedObject.uid === pod.metadata.uid));
  const { name, namespace = 'default' } = pod.metadata;
  for (const { message = '' } of latest) {
    const missing = missingObject(message, namespace);
    if (missing !== undefined) return { ...missing, message: `pod ${name} needs ${missing.message}` };
  }
  const [first] = latest;
  if (first === undefined) return undefined;
  const said = plainText(first.message ?? first.reason ?? '');
  if (VOLUMES.has(first.reason ?? '')) {
    return {
      reason: 'VolumeFailed',
      message: `a volume of pod ${name} can't be mounted (${said}): correct the volume`,
    };
  }
  return { reason: 'ContainerFailed', message: `pod ${name} can't be made (${said}): look at its node` };
}

const VOLUMES = new Set(['FailedMount', 'FailedAttachVolume', 'FailedMapVolume']);
const FAILURES = new Set([...VOLUMES, 'FailedCreatePodSandBox', 'NetworkNotReady']);

/** Newest first. A Normal Event, such as an image being pulled, means that what failed before it works now. */
function failuresSinceProgress(events: readonly EventObject[]): readonly EventObject[] {
  const newestFirst = events.toSorted((a, b) => timeOf(b) - timeOf(a));
  // Being given to a node comes before all of it, at times in the same second.
  const progress = newestFirst.findIndex(({ type, reason }) => type !== 'Warning' && reason !== 'Scheduled');
  const since = progress === -1 ? newestFirst : newestFirst.slice(0, progress);
  return since.filter(({ reason = '' }) => FAILURES.has(reason));
}

function timeOf({ lastTimestamp, eventTime, firstTimestamp }: EventObject): number {
  return Date.parse(lastTimestamp ?? eventTime ?? firstTimestamp ?? '') || 0;
}
