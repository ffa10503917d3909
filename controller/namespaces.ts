/** Namespaces where the controller may only get those that it watches: asked for every now and then. */
import { type Backoff, createBackoff } from '../common/backoff.ts';
import { messageOf } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import type { Requests } from './guarded-client.ts';
import { KubeError } from './kube/client.ts';
import type { Change, Informer } from './kube/informer.ts';
import type { NamespaceObject } from './kube/objects.ts';
import { createLiveReads } from './live-reads.ts';
import { type Clock, SYSTEM_CLOCK } from './work-queue.ts';

/** `synced` resolves when each was asked for once, whatever came of it. */
export interface Namespaces extends Pick<Informer<NamespaceObject>, 'get' | 'isSynced' | 'start' | 'stop' | 'synced'> {
  /** Why nothing is known of this one, neither that it is there nor that it isn't; undefined: something is. */
  unknown(name: string): string | undefined;
}

export interface NamespacesOptions {
  readonly client: Requests;
  readonly names: readonly string[];
  readonly onChange: (change: Change<NamespaceObject>) => void;
  readonly logger: Logger;
  /** Milliseconds; 30 s by default. */
  readonly every?: number;
  readonly clock?: Clock;
}

/** Milliseconds to the first new attempt where a namespace can't be read. */
const RETRY = 1_000;

/** One that can't be read stays what it was when it was read last: only the API server's word that it is gone counts. */
export function createNamespaces(options: NamespacesOptions): Namespaces {
  const { client, names, onChange, logger, every = 30_000, clock = SYSTEM_CLOCK } = options;
  const live = createLiveReads(client);
  const known = new Map<string, NamespaceObject>();
  const unknown = new Map(names.map((name) => [name, 'it was not asked for yet']));
  const failing = new Map<string, string>();
  const synced = Promise.withResolvers<void>();
  const timers = new Map<string, () => void>();
  let isSynced = false;
  let stopped = false;

  async function look(name: string): Promise<void> {
    const after = await live.namespace(name);
    if (stopped) return;
    const before = known.get(name);
    unknown.delete(name);
    if (failing.delete(name)) logger.info({ namespace: name }, 'the namespace can be read again');
    if (before?.metadata.resourceVersion === after?.metadata.resourceVersion) return;
    if (after === undefined) known.delete(name);
    else known.set(name, after);
    onChange({ ...(before && { before }), ...(after && { after }) });
  }

  function failed(name: string, error: unknown): void {
    const why = messageOf(error);
    if (unknown.has(name)) unknown.set(name, why);
    // One line when it begins and one for each other reason.
    if (failing.get(name) !== why) logger.warn({ namespace: name, why }, 'the namespace can not be read');
    failing.set(name, why);
  }

  /** Each on its own: one that hangs holds up itself. */
  async function turn(name: string, backoff: Backoff): Promise<void> {
    let wait = every;
    try {
      await look(name);
      backoff.reset();
    } catch (error) {
      failed(name, error);
      const asked = error instanceof KubeError ? error.retryAfterMs : undefined;
      wait = Math.max(backoff.next(), asked ?? 0);
    }
    if (!stopped)
      timers.set(
        name,
        clock.after(wait, () => void turn(name, backoff)),
      );
  }

  return {
    synced: synced.promise,
    isSynced: () => isSynced,
    get: (_, name) => known.get(name),
    unknown: (name) => unknown.get(name),
    async start() {
      await Promise.all(names.map((name) => turn(name, createBackoff({ min: RETRY, max: every }))));
      isSynced = true;
      synced.resolve();
    },
    async stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
    },
  };
}
