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

/** `spec.deployment.spec.template.spec.containers[0].env[1]`, as counted in what the user wrote. */
export function pathIn(written: unknown, rendered: unknown, place: Segments): string {
  const mixed = MIXED.find(([list]) => place.length > list.length && list.every((part, at) => place[at] === part));
  if (mixed === undefined) return pathOf(place);
  const [list, name] = mixed;
  const at = place[list.length];
  const index = typeof at === 'number' ? indexIn(valueAt(written, list), valueAt(rendered, list), at, name) : undefined;
  return pathOf(index === undefined ? place : place.with(list.length, index));
}

/** Entries of one key are in the same order in both. */
function indexIn(written: unknown, rendered: unknown, at: number, list: EntryList): number | undefined {
  if (!Array.isArray(written) || !Array.isArray(rendered)) return undefined;
  const key = keyIn(rendered[at], list);
  const earlier = rendered.slice(0, at).filter((entry) => keyIn(entry, list) === key).length;
  const same = [...written.entries()].filter(([, entry]) => keyIn(entry, list) === key);
  return same[earlier]?.[0];
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
