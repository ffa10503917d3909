/** What this controller wrote and its informers haven't told of yet, so that nothing is written twice. */
import type { KubeObject } from './kube/objects.ts';

export interface OwnWrites<T extends KubeObject> {
  /** Takes the API server's answer to a write. */
  remember(object: T): void;
  /** The newer one of what an informer holds and what was written here. */
  newest(namespace: string, name: string, held: T | undefined): T | undefined;
  /** An informer told that the object is gone. */
  forget(namespace: string, name: string): void;
}

/** An informer that is further behind tells of a cluster restored from a backup. */
const LONGEST = 30_000;

/** `now` in milliseconds. */
export function createOwnWrites<T extends KubeObject>(now: () => number = () => performance.now()): OwnWrites<T> {
  const written = new Map<string, { readonly object: T; readonly at: number }>();
  return {
    remember(object) {
      const { namespace = '', name } = object.metadata;
      written.set(`${namespace}/${name}`, { object, at: now() });
    },
    newest(namespace, name, held) {
      const key = `${namespace}/${name}`;
      const own = written.get(key);
      if (own === undefined) return held;
      if (now() - own.at < LONGEST && (held === undefined || isOlder(held, own.object))) return own.object;
      written.delete(key);
      return held;
    },
    forget(namespace, name) {
      written.delete(`${namespace}/${name}`);
    },
  };
}

/** Resource versions of one resource are numbers that grow (Kubernetes 1.35, KEP-5504). */
function isOlder(a: KubeObject, b: KubeObject): boolean {
  return BigInt(a.metadata.resourceVersion || 0) < BigInt(b.metadata.resourceVersion || 0);
}
