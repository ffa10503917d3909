/**
 * What an API server infers from other fields, stated: server-side apply takes back only what was stated, so what the
 * server inferred from an override would outlive it, or contradict the next one.
 */
import { isObject } from '../../api/check.ts';
import type { Fields } from './templates.ts';

/** A pod's spec with the ServiceAccount, the pull policy of each image, and the source of each volume. */
export function withInferred<Pod extends Fields>(pod: Pod): Pod {
  const { serviceAccount: alias, serviceAccountName, volumes, initContainers, containers } = pod;
  const stated: Fields = {
    ...pod,
    // The alias is filled from the name, stays where the name goes away, and would then stand for it.
    serviceAccountName: given(serviceAccountName) ?? given(alias) ?? 'default',
    ...eachOf({ volumes }, withSource),
    ...eachOf({ initContainers, containers }, withPullPolicy),
  };
  const { serviceAccount: _, ...kept } = stated;
  // No field of Pod goes away but the alias, which no reader of one asks for.
  return kept as Pod;
}

function given(name: unknown): unknown {
  return name === '' ? undefined : name;
}

/** What isn't a list of objects passes: the API server says so best. */
function eachOf(lists: Fields, complete: (entry: Fields) => Fields): Fields {
  const completed = Object.entries(lists)
    .filter(([, list]) => list !== undefined)
    .map(([name, list]) => [
      name,
      Array.isArray(list) ? list.map((entry) => (isObject(entry) ? complete(entry) : entry)) : list,
    ]);
  return Object.fromEntries(completed);
}

function withSource(volume: Fields): Fields {
  const hasNameAlone = Object.keys(volume).length === 1 && typeof volume.name === 'string';
  return hasNameAlone ? { ...volume, emptyDir: {} } : volume;
}

function withPullPolicy(container: Fields): Fields {
  const { image, imagePullPolicy } = container;
  if (typeof image !== 'string' || image === '' || given(imagePullPolicy) !== undefined) return container;
  return { ...container, imagePullPolicy: isLatest(image) ? 'Always' : 'IfNotPresent' };
}

/** By its tag; without tag and digest that is `latest`. */
function isLatest(image: string): boolean {
  const [path = '', digest] = image.split('@');
  const [, tag] = path.slice(path.lastIndexOf('/') + 1).split(':');
  return (tag ?? (digest === undefined ? 'latest' : undefined)) === 'latest';
}
