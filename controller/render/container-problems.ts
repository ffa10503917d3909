/** Containers that have the right types and can't run: what an API server refuses, or a node after it. */
import { isObject } from '../../api/check.ts';
import { nearest } from '../../api/nearest.ts';
import { show } from '../../api/show.ts';
import type { Problem } from '../../api/trigger.ts';
import type { Segments } from './fields.ts';
import { parseKubernetesQuantity } from './kubernetes-quantity.ts';
import type { Override } from './override.ts';
import { type DispatcherKind, type Fields, TEMPLATES } from './templates.ts';

export interface ContainersConsidered {
  readonly override: Override;
  readonly dispatcher: DispatcherKind;
  /** As rendered. */
  readonly pod: Fields;
  readonly pathOf: (place: Segments) => string;
}

const POD: Segments = ['spec', 'template', 'spec'];
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];

export function containerProblems(considered: ContainersConsidered): readonly Problem[] {
  const { pod, pathOf } = considered;
  const all = ['initContainers', 'containers'].flatMap((list) =>
    listOf(pod[list]).map((container, index) => ({ container, place: [...POD, list, index] })),
  );
  return [
    ...all.flatMap(({ container, place }) => [
      ...mountProblems(container, place, considered),
      ...limitProblems(container, place, considered),
      ...userProblems(container, place, considered),
    ]),
    ...imageProblems(considered),
    ...portProblems(listOf(pod.containers)[0] ?? {}, [...POD, 'containers', 0], pathOf),
  ];
}

function imageProblems({ dispatcher, pod, pathOf }: ContainersConsidered): readonly Problem[] {
  const [{ name: ours } = {}] = listOf(pod.containers);
  const { name: usual } = TEMPLATES[dispatcher].container;
  const first = 'the first container of the list is the dispatcher';
  return ['initContainers', 'containers'].flatMap((list) =>
    listOf(pod[list]).flatMap(({ name, image }, index) => {
      const place = [...POD, list, index];
      if (list === 'containers' && index > 0 && name !== undefined && name === ours) {
        const message = `is ${show(name, 'name')}, the name of the dispatcher's own container`;
        return [{ path: pathOf([...place, 'name']), message, cure: `Name it otherwise; ${first}.` }];
      }
      if (image !== undefined && image !== '') return [];
      const path = pathOf([...place, 'image']);
      if (list === 'containers' && index > 0 && name === usual) {
        return [{ path, message: 'is missing', cure: `Move ${show(name, 'name')} to the front: ${first}.` }];
      }
      return [{ path, message: 'is missing', cure: 'Write the image that the container runs.' }];
    }),
  );
}

function mountProblems(container: Fields, place: Segments, { pod, pathOf }: ContainersConsidered): readonly Problem[] {
  const volumes = listOf(pod.volumes).map(({ name }) => name);
  return listOf(container.volumeMounts).flatMap(({ name }, index) => {
    if (typeof name !== 'string' || volumes.includes(name)) return [];
    const path = pathOf([...place, 'volumeMounts', index, 'name']);
    const message = `is ${show(name, 'name')}, but the pod has no volume of that name`;
    const close = nearest(
      name,
      volumes.filter((known) => typeof known === 'string'),
    );
    return [{ path, message, cure: close === undefined ? 'Add it to volumes.' : `Did you mean ${close}?` }];
  });
}

function limitProblems(container: Fields, place: Segments, { override, pathOf }: ContainersConsidered) {
  const { limits, requests } = objectOf(container.resources);
  const isDispatcher = place.at(-2) === 'containers' && place.at(-1) === 0;
  const theirs = isDispatcher ? objectOf(objectOf(override.dispatcher.resources).limits) : objectOf(limits);
  return Object.entries(objectOf(requests)).flatMap(([name, request]) => {
    const limit = objectOf(limits)[name];
    const [asked, allowed] = [parseKubernetesQuantity(request), parseKubernetesQuantity(limit)];
    if (asked === undefined || allowed === undefined || asked <= allowed) return [];
    const isOurs = !Object.hasOwn(theirs, name);
    const message = `is ${request}, more than the ${isOurs ? 'default ' : ''}limit of ${limit}`;
    const cure = isOurs ? `Write limits.${name} too.` : 'Raise the limit or lower the request.';
    return [{ path: pathOf([...place, 'resources', 'requests', name]), message, cure }];
  });
}

/** What a container may do, of which its own word wins over the pod's. */
function userProblems(container: Fields, place: Segments, { pod, pathOf }: ContainersConsidered): readonly Problem[] {
  const [own, pods] = [objectOf(container.securityContext), objectOf(pod.securityContext)];
  const { runAsUser, runAsNonRoot } = { ...pods, ...own };
  const problems: Problem[] = [];
  if (runAsUser === 0 && runAsNonRoot === true) {
    const at = Object.hasOwn(own, 'runAsUser') ? place : POD;
    problems.push({
      path: pathOf([...at, 'securityContext', 'runAsUser']),
      message: 'is 0, but runAsNonRoot is true',
      cure: 'Write another user, or runAsNonRoot: false beside it.',
    });
  }
  if (own.privileged === true && own.allowPrivilegeEscalation === false) {
    problems.push({
      path: pathOf([...place, 'securityContext', 'privileged']),
      message: 'is true, but allowPrivilegeEscalation is false',
      cure: 'Remove privileged, or write allowPrivilegeEscalation: true beside it.',
    });
  }
  return problems;
}

/** Names of the dispatcher's ports: each once, and there for the probes. */
function portProblems(container: Fields, place: Segments, pathOf: (place: Segments) => string): readonly Problem[] {
  const names = listOf(container.ports).map(({ name }) => name);
  const twice = names.flatMap((name, index) => {
    if (name === undefined || name === '' || names.indexOf(name) === index) return [];
    const other = listOf(container.ports)[names.indexOf(name)]?.containerPort;
    const message = `is ${show(name, 'name')}, the name of port ${show(other, 'port')} too`;
    const cure = `Name it otherwise, or take the name away there: {containerPort: ${show(other, 'port')}, name: $remove}.`;
    return [{ path: pathOf([...place, 'ports', index, 'name']), message, cure }];
  });
  const lost = PROBES.flatMap((probe) =>
    ['httpGet', 'tcpSocket'].flatMap((handler) => {
      const { port } = objectOf(objectOf(container[probe])[handler]);
      if (typeof port !== 'string' || names.includes(port)) return [];
      const path = pathOf([...place, probe, handler, 'port']);
      const message = `is ${show(port, 'port')}, but no port of the container has that name`;
      return [{ path, message, cure: 'Write the number of the port, or one of its names.' }];
    }),
  );
  return [...twice, ...lost];
}

function objectOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}
