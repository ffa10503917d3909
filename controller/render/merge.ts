/**
 * How a user's override is merged over a template.
 *
 * | | |
 * |---|---|
 * | objects | field by field; the user's wins |
 * | env, volumes (by name), volumeMounts (by mountPath), ports (by containerPort and protocol) | entry by entry |
 * | other lists | replaced as a whole |
 * | an env entry, the source of a volume, the handler of a probe | the user's kind replaces ours |
 * | `null`, and the text `$remove` | the field goes away; so does an entry that only its key is left of |
 */
import deepmerge from 'deepmerge';
import { isObject } from '../../api/check.ts';
import type { Fields } from './templates.ts';

export function merge(template: Fields, override: Fields): Fields {
  return withoutRemoved(deepmerge<Fields>(template, override, OPTIONS));
}

/** Without the fields that are `null` or `$remove`, however deep. Entries of lists stay. */
export function withoutRemoved<T>(value: T): T {
  // Only fields are left out that a reader of T must expect to be absent.
  if (Array.isArray(value)) return value.map(withoutRemoved) as T;
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, field]) => !isRemoved(field));
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutRemoved(field)])) as T;
}

export function isRemoved(value: unknown): boolean {
  return value === null || value === '$remove';
}

type Merge = (ours: unknown, theirs: unknown) => unknown;

const HANDLERS = ['exec', 'grpc', 'httpGet', 'tcpSocket'];
const probe: Merge = (ours, theirs) =>
  isObject(ours) && isObject(theirs) ? mergeUnion(ours, theirs, (field) => HANDLERS.includes(field)) : theirs;

/** The lists that are merged entry by entry. */
export type EntryList = keyof typeof KEYS;

const KEYS = {
  env: ({ name }: Fields) => name,
  volumes: ({ name }: Fields) => name,
  volumeMounts: ({ mountPath }: Fields) => mountPath,
  // As JSON, as what was written here may be anything.
  ports: ({ containerPort, protocol }: Fields) =>
    JSON.stringify([containerPort, protocol === undefined || isRemoved(protocol) ? 'TCP' : protocol]),
};

/** What tells an entry of such a list from the others. */
export function keyOfEntry(list: EntryList, entry: Fields): unknown {
  return KEYS[list](entry);
}

/** By the name of the field; a template has each in one place only. */
const MERGES: Readonly<Record<string, Merge>> = {
  env: entries({ keyOf: KEYS.env, keys: ['name'], mergeEntry: (_, theirs) => theirs, theirsLast: true }),
  volumes: entries({
    keyOf: KEYS.volumes,
    keys: ['name'],
    mergeEntry: (ours, theirs) => mergeUnion(ours, theirs, (field) => field !== 'name'),
  }),
  volumeMounts: entries({ keyOf: KEYS.volumeMounts, keys: ['mountPath'], mergeEntry: mergeFields }),
  ports: entries({ keyOf: KEYS.ports, keys: ['containerPort', 'protocol'], mergeEntry: mergeFields }),
  livenessProbe: probe,
  readinessProbe: probe,
};

const OPTIONS: deepmerge.Options = {
  // Nothing that is merged is ever written to.
  clone: false,
  arrayMerge: (_, theirs) => theirs,
  customMerge: (field) => (Object.hasOwn(MERGES, field) ? MERGES[field] : undefined),
};

function mergeFields(ours: Fields, theirs: Fields): Fields {
  return deepmerge<Fields>(ours, theirs, OPTIONS);
}

/** Of the fields that exclude each other, ours go where the user names another. */
function mergeUnion(ours: Fields, theirs: Fields, isMember: (field: string) => boolean): Fields {
  const named = Object.keys(theirs).filter((field) => isMember(field) && !isRemoved(theirs[field]));
  if (named.length === 0) return mergeFields(ours, theirs);
  const kept = Object.entries(ours).filter(([field]) => !isMember(field) || named.includes(field));
  return mergeFields(Object.fromEntries(kept), theirs);
}

interface EntryRules {
  readonly keyOf: (entry: Fields) => unknown;
  /** The fields that the key is made of. */
  readonly keys: readonly string[];
  readonly mergeEntry: (ours: Fields, theirs: Fields) => Fields;
  /** The user's entries follow ours in their own order, as variables may refer to earlier ones. */
  readonly theirsLast?: true;
}

/** Both are lists of objects: `readOverride` has seen to the user's. A key that they have twice stays there twice. */
function entries({ keyOf, keys, mergeEntry, theirsLast }: EntryRules): Merge {
  const isLeft = (entry: Fields) =>
    !Object.values(entry).some(isRemoved) ||
    Object.entries(entry).some(([field, value]) => !keys.includes(field) && !isRemoved(value));

  return (ours, theirs) => {
    const own = ours as readonly Fields[];
    const pending = [...(theirs as readonly Fields[])];
    const merged = own.flatMap((entry) => {
      const index = pending.findIndex((other) => keyOf(other) === keyOf(entry));
      const [other] = index < 0 ? [] : theirsLast ? pending.slice(index, index + 1) : pending.splice(index, 1);
      if (other === undefined) return [entry];
      return theirsLast ? [] : [mergeEntry(entry, other)];
    });
    return [...merged, ...pending].filter(isLeft);
  };
}
