/** Where a field of a rendered Deployment is in the override that it was rendered from. */
import { isObject } from '../../api/check.ts';
import { canonicalJson } from '../../common/canonical-json.ts';
import type { Segments } from './fields.ts';
import { type EntryList, keyOfEntry } from './merge.ts';

const POD: Segments = ['spec', 'template', 'spec'];
const DISPATCHER: Segments = [...POD, 'containers', 0];
/** The lists in which entries of ours and of the user's are mixed. */
const MIXED: readonly (readonly [place: Segments, list: EntryList])[] = [
  [[...POD, 'volumes'], 'volumes'],
  [[...DISPATCHER, 'env'], 'env'],
  [[...DISPATCHER, 'volumeMounts'], 'volumeMounts'],
  [[...DISPATCHER, 'ports'], 'ports'],
];

/** Gives `spec.deployment.spec.template.spec.containers[0].env[1]`, as counted in what the user wrote. */
export function pathsIn(written: unknown, rendered: unknown): (place: Segments) => string {
  const known = new Map<EntryList, readonly (number | undefined)[]>();
  return (place) => {
    const mixed = MIXED.find(([list]) => place.length > list.length && list.every((part, at) => place[at] === part));
    if (mixed === undefined) return pathOf(place);
    const [list, name] = mixed;
    const indexes = known.get(name) ?? indexesIn(valueAt(written, list), valueAt(rendered, list), name);
    known.set(name, indexes);
    const index = indexes[Number(place[list.length])];
    return pathOf(index === undefined ? place : place.with(list.length, index));
  };
}

/** Of each rendered entry, the index of what it was rendered from: entries of one key are in the same order in both. */
function indexesIn(written: unknown, rendered: unknown, list: EntryList): readonly (number | undefined)[] {
  if (!Array.isArray(written) || !Array.isArray(rendered)) return [];
  const byKey = Map.groupBy(written.keys(), (index) => keyIn(written[index], list));
  const used = new Map<string | undefined, number>();
  return rendered.map((entry) => {
    const key = keyIn(entry, list);
    const earlier = used.get(key) ?? 0;
    used.set(key, earlier + 1);
    return byKey.get(key)?.[earlier];
  });
}

function keyIn(entry: unknown, list: EntryList): string | undefined {
  return isObject(entry) ? canonicalJson([keyOfEntry(list, entry)]) : undefined;
}

function valueAt(value: unknown, place: Segments): unknown {
  return place.reduce<unknown>(
    (inner, part) => (isObject(inner) || Array.isArray(inner) ? inner[part as never] : undefined),
    value,
  );
}

export function pathOf(place: Segments): string {
  const parts = place.map((part) => {
    if (typeof part === 'number') return `[${part}]`;
    return /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  });
  return `spec.deployment${parts.join('')}`;
}
