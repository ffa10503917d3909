/** Tells what a function reads of an object. */

type Fields = Readonly<Record<string, unknown>>;

/** The paths of the values that are no objects, and of those that are absent, in the order in which they are read first. */
export function pathsRead<T extends Fields>(object: T, read: (object: T) => void): readonly (readonly string[])[] {
  const paths = new Map<string, readonly string[]>();

  function watched<V extends object>(value: V, path: readonly string[]): V {
    return new Proxy(value, {
      get(target, field) {
        const inner: unknown = Reflect.get(target, field);
        if (typeof field === 'symbol' || typeof inner === 'function') return inner;
        const at = [...path, field];
        if (typeof inner === 'object' && inner !== null) return watched(inner, at);
        paths.set(at.join('.'), at);
        return inner;
      },
    });
  }

  read(watched(object, []));
  return [...paths.values()];
}
