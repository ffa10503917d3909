/** One informer over several collections of a resource: those of the namespaces that a controller may watch. */
import { createInformer, type Informer, type InformerOptions } from './informer.ts';
import type { KubeObject } from './objects.ts';

export interface InformersOptions<T extends KubeObject> extends Omit<InformerOptions<T>, 'path'> {
  /** Each gets a watch of its own; no object is in two of them. */
  readonly paths: readonly string[];
}

/** Synced when all are. The one that heard nothing for the longest time decides `lastEventAt`. */
export function createInformers<T extends KubeObject>({ paths, ...options }: InformersOptions<T>): Informer<T> {
  const informers = paths.map((path) => createInformer({ ...options, path }));
  return {
    synced: Promise.all(informers.map((each) => each.synced)).then(() => {}),
    get lastEventAt() {
      const times = informers.map((each) => each.lastEventAt);
      return times.includes(undefined) ? undefined : Math.min(...times.map((time) => time ?? 0));
    },
    isSynced: () => informers.every((each) => each.isSynced()),
    start() {
      for (const each of informers) each.start();
    },
    async stop() {
      await Promise.all(informers.map((each) => each.stop()));
    },
    get(namespace, name) {
      for (const each of informers) {
        const found = each.get(namespace, name);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    *list() {
      for (const each of informers) yield* each.list();
    },
  };
}
