/** What a container's state says is wrong. */
import type { ContainerStatus, PodObject } from '../kube/objects.ts';
import { lastWords } from './last-words.ts';
import { missingObject } from './missing-object.ts';
import { plainText } from './plain-text.ts';
import type { Trouble } from './trouble.ts';

export interface ContainerPlace {
  readonly pod: PodObject;
  readonly container: ContainerStatus;
  readonly isInit: boolean;
}

/** Milliseconds that a container must have run after a crash before the crash is history. */
export const RECOVERED = 60_000;

export function containerTrouble(place: ContainerPlace, now: number): Trouble | undefined {
  const { state = {}, lastState = {}, ready } = place.container;
  const { waiting, running, terminated } = state;
  const reason = waiting?.reason ?? '';
  if (PULL_FAILURES.has(reason)) return pullFailed(place, waiting?.message ?? reason);
  if (reason === 'CreateContainerConfigError') return badConfiguration(place, waiting?.message ?? reason);
  if (START_FAILURES.has(reason)) return notStarted(place, waiting?.message ?? reason);
  if (reason === 'CrashLoopBackOff') return crashed(place, lastState.terminated);
  // The kubelet keeps it so while it waits to start the container again, or has just seen it end.
  if (terminated !== undefined) {
    return place.isInit && terminated.exitCode === 0 ? undefined : crashed(place, terminated);
  }
  if (running === undefined || ready === true || lastState.terminated === undefined) return undefined;
  const since = Date.parse(running.startedAt ?? '');
  return now - since < RECOVERED ? crashed(place, lastState.terminated) : undefined;
}

const PULL_FAILURES = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

const START_FAILURES = new Set([
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
  'CreatePodSandboxError',
]);

function nameOf({ pod, container, isInit }: ContainerPlace): string {
  return `${isInit ? 'init container' : 'container'} ${container.name} of pod ${pod.metadata.name}`;
}

function pullFailed(place: ContainerPlace, said: string): Trouble {
  const declared = place.pod.spec?.containers?.find(({ name }) => name === place.container.name)?.image;
  const image = plainText(declared ?? place.container.image ?? 'of the container');
  // The back-off says the error before, so that the sentence stays the same in both states.
  const cause = said.replace(/^Back-off pulling image "[^"]*"(: ErrImagePull: )?/, '');
  const why = cause === '' || cause === 'ImagePullBackOff' ? '' : ` (${plainText(cause)})`;
  const cure = "check the image's name and tag, that the node reaches the registry, and imagePullSecrets";
  return { reason: 'ImagePullFailed', message: `image ${image} can't be pulled for ${nameOf(place)}${why}: ${cure}` };
}

function badConfiguration(place: ContainerPlace, said: string): Trouble {
  const missing = missingObject(said, place.pod.metadata.namespace ?? 'default');
  if (missing !== undefined) return { ...missing, message: `${nameOf(place)} needs ${missing.message}` };
  const cause = said.replace(/ \(pod: "[^"]*", container: [^)]*\)$/, '');
  return {
    reason: 'ContainerFailed',
    message: `${nameOf(place)} can't be made (${plainText(cause)}): correct spec.deployment or the image`,
  };
}

function notStarted(place: ContainerPlace, said: string): Trouble {
  return {
    reason: 'ContainerFailed',
    message: `${nameOf(place)} can't be started (${plainText(said)}): correct spec.deployment or the image`,
  };
}

type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

function crashed(place: ContainerPlace, end: Terminated | undefined): Trouble {
  const { pod, container } = place;
  if (end?.reason === 'StartError' || end?.reason === 'ContainerCannotRun') {
    return notStarted(place, end.message || end.reason);
  }
  const logs = `kubectl logs -n ${pod.metadata.namespace ?? 'default'} ${pod.metadata.name} -c ${container.name}`;
  if (end?.reason === 'OOMKilled') {
    const cure = 'raise resources.limits.memory in spec.deployment, or lower delivery.buffer';
    const message = `${nameOf(place)} used more memory than its limit and was killed (OOMKilled, exit code ${end.exitCode}): ${cure}`;
    return { reason: 'CrashLoop', message };
  }
  const code = end === undefined ? '' : ` with exit code ${end.exitCode}`;
  const words = lastWords(end?.message);
  const said = words === undefined ? '' : ` ("${words}")`;
  return {
    reason: 'CrashLoop',
    message: `${nameOf(place)} ends again and again${code}${said}: see ${logs} --previous`,
  };
}
