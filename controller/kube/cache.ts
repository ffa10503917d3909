/** The objects of an informer, by namespace and name, and what is told of their changes. */
import { messageOf } from '../../common/errors.ts';
import type { Change, InformerOptions } from './informer.ts';
import type { KubeObject } from './objects.ts';

export interface Cache<T extends KubeObject> {
  get(namespace: string | undefined, name: string): T | undefined;
  list(): Iterable<T>;
  put(raw: KubeObject): void;
  remove(raw: KubeObject): void;
  /** Undefined, with a word in the log, for an object that can't be trimmed. */
  trim(raw: KubeObject): T | undefined;
  /** Everything that there is; what differs from before is told as if a watch had. `unreadable` stay as they were. */
  replace(objects: ReadonlyMap<string, T>, unreadable: ReadonlySet<string>): void;
}

export function createCache<T extends KubeObject>(
  options: Pick<InformerOptions<T>, 'resource' | 'trim' | 'onChange' | 'logger'>,
): Cache<T> {
  const { resource, onChange, logger } = options;
  const objects = new Map<string, T>();

  function set(key: string, after: T): void {
    const before = objects.get(key);
    if (before?.metadata.resourceVersion === after.metadata.resourceVersion) return;
    if (before !== undefined && before.metadata.uid !== after.metadata.uid) {
      // Deleted and made anew while nobody looked.
      unset(key);
      set(key, after);
      return;
    }
    objects.set(key, after);
    tell(key, before === undefined ? { after } : { before, after });
  }

  function unset(key: string, isDeleted = false): void {
    const before = objects.get(key);
    if (before === undefined) return;
    objects.delete(key);
    tell(key, { before, ...(isDeleted && { isDeleted }) });
  }

  function tell(key: string, change: Change<T>): void {
    try {
      onChange(change);
    } catch (error) {
      logger.error({ resource, object: key, err: error }, 'a change was not handled');
    }
  }

  function trim(raw: KubeObject): T | undefined {
    try {
      return options.trim(raw);
    } catch (error) {
      logger.error({ resource, object: cacheKey(raw), why: messageOf(error) }, 'an object was not understood');
      return undefined;
    }
  }

  return {
    get: (namespace, name) => objects.get(keyOf(namespace, name)),
    list: () => objects.values(),
    trim,
    put(raw) {
      const after = trim(raw);
      if (after !== undefined) set(cacheKey(raw), after);
    },
    remove: (raw) => unset(cacheKey(raw), true),
    replace(found, unreadable) {
      for (const key of [...objects.keys()]) if (!found.has(key) && !unreadable.has(key)) unset(key);
      for (const [key, object] of found) set(key, object);
    },
  };
}

export function cacheKey({ metadata }: KubeObject): string {
  return keyOf(metadata.namespace, metadata.name);
}

function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
