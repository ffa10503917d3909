/** What keeps the dispatchers of a Deployment from running, told from its conditions, its pods and their Events. */
import type { DeploymentObject, EventObject, PodObject } from '../kube/objects.ts';
import { containerTrouble, RECOVERED } from './container-trouble.ts';
import { plainText } from './plain-text.ts';
import { CREATION, creatingSince, troubleInEvents } from './pod-events.ts';
import { POD_TROUBLES, type PodTroubleReason } from './reasons.ts';
import { explainRefusal } from './refusal.ts';
import { rolloutOf } from './rollout.ts';
import type { Trouble } from './trouble.ts';

export interface Diagnosis {
  readonly trouble?: Trouble;
  /** What is being waited for, where nothing is wrong yet. */
  readonly pending?: string;
}

export interface Patient {
  readonly deployment?: DeploymentObject | undefined;
  readonly pods: readonly PodObject[];
  readonly events: readonly EventObject[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The worst trouble, in the order of `POD_TROUBLES`; of two alike that of the pod whose name sorts first. */
export function diagnosePods(patient: Patient): Diagnosis {
  const { deployment, now } = patient;
  if (deployment === undefined) return {};
  const rollout = rolloutOf(deployment);
  if (rollout.isComplete) return {};
  const pods = patient.pods.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const live = pods.filter(isLive);
  // A pod that failed stays beside the one that replaces it.
  const failed = live.length < rollout.desired ? pods.filter(isFailed) : [];
  const troubles = [
    refusedPods(deployment),
    ...live.map((pod) => podTrouble(pod, patient.events, now)),
    ...failed.map(failure),
    ...pods.map((pod) => stuck(pod, now)),
    stalled(deployment),
  ].filter((trouble) => trouble !== undefined);
  const trouble = troubles.toSorted((a, b) => rank(a.reason) - rank(b.reason))[0];
  if (trouble !== undefined) return { trouble };
  const pending = live.map(waitsFor).find((text) => text !== undefined);
  return pending === undefined ? {} : { pending };
}

/** Milliseconds until time alone may change what `diagnosePods` says; undefined: it won't. */
export function nextLook({ deployment, pods, now }: Omit<Patient, 'events'>): number | undefined {
  if (deployment === undefined || rolloutOf(deployment).isComplete) return undefined;
  const moments = pods.flatMap(({ metadata, status }) => [
    Date.parse(metadata.deletionTimestamp ?? '') + OVERDUE,
    Date.parse(status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '') + STARTING,
    ...(status?.containerStatuses ?? []).flatMap(({ state }) => {
      const startedAt = Date.parse(state?.running?.startedAt ?? '');
      return [startedAt + STARTING, startedAt + RECOVERED];
    }),
  ]);
  const waits = moments.map((moment) => moment - now).filter((wait) => wait > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

const VAGUE: readonly PodTroubleReason[] = ['NotReady', 'Stalled'];
const ORDER: readonly PodTroubleReason[] = [...POD_TROUBLES, ...VAGUE];

function rank(reason: PodTroubleReason): number {
  return ORDER.indexOf(reason);
}

function isFailed({ metadata, status }: PodObject): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase === 'Failed';
}

function isLive({ metadata, status }: PodObject): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== 'Failed' && status?.phase !== 'Succeeded';
}

function refusedPods({ status }: DeploymentObject): Trouble | undefined {
  const found = status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return found === undefined ? undefined : explainRefusal(found.message ?? found.reason ?? '');
}

function podTrouble(pod: PodObject, events: readonly EventObject[], now: number): Trouble | undefined {
  const { conditions = [], initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled !== undefined) {
    const said = plainText(unscheduled.message ?? unscheduled.reason ?? '');
    const cure = 'make room, or correct nodeSelector, affinity, tolerations or resources in spec.deployment';
    return { reason: 'Unschedulable', message: `no node takes pod ${pod.metadata.name} (${said}): ${cure}` };
  }
  const places = [
    ...initContainerStatuses.map((container) => ({ pod, container, isInit: true })),
    ...containerStatuses.map((container) => ({ pod, container, isInit: false })),
  ];
  const found = places
    .map((place) => containerTrouble(place, now))
    .filter((trouble) => trouble !== undefined)
    .toSorted((a, b) => rank(a.reason) - rank(b.reason))[0];
  if (found !== undefined) return found;
  const since = creatingSince(pod);
  if (since !== undefined) return now - since >= CREATION ? troubleInEvents(pod, events) : undefined;
  return notReady(pod, now);
}

/** Milliseconds that a container may run before it is said not to be ready. */
const STARTING = 5_000;

function notReady({ metadata, status }: PodObject, now: number): Trouble | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (status?.phase !== 'Running' || ready?.status === 'True') return undefined;
  const containers = status.containerStatuses ?? [];
  const unready = containers.find((container) => container.ready !== true);
  const since = Date.parse(unready?.state?.running?.startedAt ?? ready?.lastTransitionTime ?? '');
  if (!(now - since >= STARTING)) return undefined;
  const message =
    unready === undefined
      ? `pod ${metadata.name} isn't ready though its containers are: its node may be down`
      : `container ${unready.name} of pod ${metadata.name} runs but isn't ready: see its readiness probe and its log`;
  return { reason: 'NotReady', message };
}

function failure({ metadata, status }: PodObject): Trouble {
  const said = plainText(`${status?.reason ?? 'failed'}: ${status?.message ?? 'no reason given'}`);
  return {
    reason: 'Evicted',
    message: `pod ${metadata.name} was ended by its node (${said}): make room on the node, or set resources.requests`,
  };
}

/** Milliseconds after a pod should have ended. */
const OVERDUE = 10_000;

function stuck({ metadata }: PodObject, now: number): Trouble | undefined {
  const due = Date.parse(metadata.deletionTimestamp ?? '');
  if (!(now - due >= OVERDUE)) return undefined;
  const message = `pod ${metadata.name} should have ended at ${metadata.deletionTimestamp} and hasn't: its node may be down`;
  return { reason: 'Terminating', message };
}

function stalled({ status }: DeploymentObject): Trouble | undefined {
  const found = status?.conditions?.find(({ type, status }) => type === 'Progressing' && status === 'False');
  if (found?.reason !== 'ProgressDeadlineExceeded') return undefined;
  return { reason: 'Stalled', message: 'the dispatchers took too long to become ready: see their pods and logs' };
}

function waitsFor(pod: PodObject): string | undefined {
  const { metadata, status } = pod;
  const init = status?.initContainerStatuses?.find(({ state }) => state?.running !== undefined);
  if (init !== undefined && status?.phase === 'Pending')
    return `init container ${init.name} of pod ${metadata.name} runs`;
  if (creatingSince(pod) !== undefined) return `pod ${metadata.name} is being created`;
  const unready = status?.containerStatuses?.find(({ ready, state }) => ready !== true && state?.running !== undefined);
  return unready === undefined ? undefined : `container ${unready.name} of pod ${metadata.name} isn't ready yet`;
}
