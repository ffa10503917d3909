/** What this controller wrote and its informers haven't told of yet, so that nothing is written twice. */
import type { KubeObject } from './kube/objects.ts';

export interface OwnWrites<T extends KubeObject> {
  /** Takes the API server's answer to a write. `id` names the object, as the caller likes. */
  remember(id: string, object: T): void;
  /** The newer one of what an informer holds and what was written here. */
  newest(id: string, held: T | undefined): T | undefined;
  /** An informer told that the object is gone. */
  forget(id: string): void;
}

/** Milliseconds: an informer that is further behind tells of a cluster restored from a backup. */
const LONGEST = 30_000;

/** `now` in milliseconds. */
export function createOwnWrites<T extends KubeObject>(now: () => number = () => performance.now()): OwnWrites<T> {
  const written = new Map<string, { readonly object: T; readonly at: number }>();
  return {
    remember(id, object) {
      written.set(id, { object, at: now() });
    },
    newest(id, held) {
      const own = written.get(id);
      if (own === undefined) return held;
      if (now() - own.at < LONGEST && (held === undefined || isOlder(held, own.object))) return own.object;
      written.delete(id);
      return held;
    },
    forget(id) {
      written.delete(id);
    },
  };
}

/** Resource versions of one resource are numbers that grow (Kubernetes 1.35, KEP-5504). */
function isOlder(a: KubeObject, b: KubeObject): boolean {
  return BigInt(a.metadata.resourceVersion || 0) < BigInt(b.metadata.resourceVersion || 0);
}
