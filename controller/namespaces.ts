/** Namespaces where the controller may only get those that it watches: asked for every now and then. */
import type { Requests } from './guarded-client.ts';
import type { Change, Informer } from './kube/informer.ts';
import type { KubeObject, NamespaceObject } from './kube/objects.ts';
import { trimNamespace } from './trim.ts';

type Namespaces = Pick<Informer<NamespaceObject>, 'get' | 'isSynced' | 'start' | 'stop' | 'synced'>;

export interface NamespacesOptions {
  readonly client: Requests;
  readonly names: readonly string[];
  readonly onChange: (change: Change<NamespaceObject>) => void;
  /** Milliseconds; 30 s by default. */
  readonly every?: number;
}

/** What can't be got counts as not there. */
export function createNamespaces({ client, names, onChange, every = 30_000 }: NamespacesOptions): Namespaces {
  const known = new Map<string, NamespaceObject>();
  const synced = Promise.withResolvers<void>();
  let isSynced = false;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function look(name: string): Promise<void> {
    const before = known.get(name);
    const found = await client
      .request<KubeObject>({ method: 'GET', path: `/api/v1/namespaces/${name}` })
      .catch(() => undefined);
    const after = found && trimNamespace(found);
    if (before?.metadata.resourceVersion === after?.metadata.resourceVersion) return;
    if (after === undefined) known.delete(name);
    else known.set(name, after);
    onChange({ ...(before && { before }), ...(after && { after }) });
  }

  async function turn(): Promise<void> {
    await Promise.all(names.map(look));
    isSynced = true;
    synced.resolve();
    if (!stopped) timer = setTimeout(turn, every);
  }

  return {
    synced: synced.promise,
    isSynced: () => isSynced,
    get: (_, name) => known.get(name),
    start() {
      void turn();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
