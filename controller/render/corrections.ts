/** Defaults of ours that an override contradicts without saying so, where only one correction can be meant. */
import { isObject } from '../../api/check.ts';
import { parseKubernetesQuantity } from './kubernetes-quantity.ts';
import type { Fields } from './templates.ts';

/** A default of ours that gave way to the override. */
export interface Correction {
  /** As in a `Problem`, though the user wrote nothing there. */
  readonly path: string;
  /** A sentence without its subject, which is the path: `is 128Mi instead of 512Mi, as …`. */
  readonly message: string;
}

export interface Corrected {
  readonly container: Fields;
  readonly corrections: readonly Correction[];
}

const CONTAINER = 'spec.deployment.spec.template.spec.containers[0]';

interface Sources {
  readonly template: Fields;
  /** What the user wrote over it. */
  readonly theirs: Fields;
  /** Those of the pod, merged. */
  readonly volumes: unknown;
}

export function correctDefaults(container: Fields, sources: Sources): Corrected {
  return [correctRequests, correctProbes, correctMounts].reduce<Corrected>(
    (before, step) => {
      const { container: corrected, corrections } = step(before.container, sources);
      return { container: corrected, corrections: [...before.corrections, ...corrections] };
    },
    { container, corrections: [] },
  );
}

type Step = (container: Fields, sources: Sources) => Corrected;

/** A request of ours above the user's limit is the limit. */
const correctRequests: Step = (container, { template, theirs }) => {
  const resources = objectOf(container.resources);
  const [limits, requests] = [objectOf(resources.limits), objectOf(resources.requests)];
  const own = objectOf(objectOf(template.resources).requests);
  const asked = objectOf(objectOf(theirs.resources).requests);
  const lowered = Object.keys(own).filter((name) => {
    if (Object.hasOwn(asked, name) || !Object.hasOwn(requests, name)) return false;
    const limit = parseKubernetesQuantity(limits[name]);
    return limit !== undefined && limit >= 0n && (parseKubernetesQuantity(requests[name]) ?? 0n) > limit;
  });
  if (lowered.length === 0) return { container, corrections: [] };
  const corrected = Object.fromEntries(lowered.map((name) => [name, limits[name]]));
  return {
    container: { ...container, resources: { ...resources, requests: { ...requests, ...corrected } } },
    corrections: lowered.map((name) => ({
      path: `${CONTAINER}.resources.requests.${name}`,
      message: `is ${limits[name]} instead of ${requests[name]}, as the limit is ${limits[name]}`,
    })),
  };
};

/** A probe of ours goes to the number of our port where the user took the port's name away. */
const correctProbes: Step = (container, { template, theirs }) => {
  const [port] = listOf(template.ports);
  if (port === undefined || listOf(container.ports).some(({ name }) => name === port.name)) {
    return { container, corrections: [] };
  }
  const probes = Object.keys(template).filter((field) => {
    const probe = objectOf(container[field]);
    const written = objectOf(objectOf(theirs[field]).httpGet);
    return objectOf(probe.httpGet).port === port.name && !Object.hasOwn(written, 'port');
  });
  const corrected = Object.fromEntries(
    probes.map((field) => {
      const probe = objectOf(container[field]);
      return [field, { ...probe, httpGet: { ...objectOf(probe.httpGet), port: port.containerPort } }];
    }),
  );
  return {
    container: { ...container, ...corrected },
    corrections: probes.map((field) => ({
      path: `${CONTAINER}.${field}.httpGet.port`,
      message: `is ${port.containerPort} instead of ${port.name}, as no port has that name`,
    })),
  };
};

/** A mount of ours goes with the volume that the user removed. */
const correctMounts: Step = (container, { template, theirs, volumes }) => {
  const isGone = (mount: Fields) =>
    listOf(template.volumeMounts).some(({ mountPath, name }) => mountPath === mount.mountPath && name === mount.name) &&
    !listOf(theirs.volumeMounts).some(({ mountPath }) => mountPath === mount.mountPath) &&
    !listOf(volumes).some(({ name }) => name === mount.name);
  const mounts = listOf(container.volumeMounts);
  const gone = mounts.filter(isGone);
  if (gone.length === 0) return { container, corrections: [] };
  return {
    container: { ...container, volumeMounts: mounts.filter((mount) => !isGone(mount)) },
    corrections: gone.map(({ mountPath, name }) => ({
      path: `${CONTAINER}.volumeMounts`,
      message: `has no ${mountPath}, as the volume ${name} is removed`,
    })),
  };
};

function objectOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
