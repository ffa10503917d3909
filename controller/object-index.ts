/** Objects by something they have in common, kept as an informer tells of them. */
import type { KubeObject } from './kube/objects.ts';

export interface ObjectIndex<T extends KubeObject> {
  /** Takes one change of an informer. */
  change(change: { readonly before?: T | undefined; readonly after?: T | undefined }): void;
  of(group: string): readonly T[];
  groups(): Iterable<string>;
}

/** `groupOf` answers undefined for an object that belongs nowhere. */
export function createObjectIndex<T extends KubeObject>(groupOf: (object: T) => string | undefined): ObjectIndex<T> {
  const groups = new Map<string, Map<string, T>>();
  const idOf = ({ metadata: { namespace = '', name } }: T) => `${namespace}/${name}`;
  return {
    change({ before, after }) {
      const old = before && groupOf(before);
      if (before !== undefined && old !== undefined) {
        const members = groups.get(old);
        members?.delete(idOf(before));
        if (members?.size === 0) groups.delete(old);
      }
      const group = after && groupOf(after);
      if (after === undefined || group === undefined) return;
      const members = groups.get(group) ?? new Map<string, T>();
      groups.set(group, members.set(idOf(after), after));
    },
    of: (group) => [...(groups.get(group)?.values() ?? [])],
    groups: () => groups.keys(),
  };
}
