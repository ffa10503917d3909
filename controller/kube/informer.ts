/** A copy of all objects of one resource, kept current by a watch that nothing but `stop` ends. */
import { type Backoff, createBackoff } from '../../common/backoff.ts';
import { messageOf } from '../../common/errors.ts';
import type { Logger } from '../../common/logger.ts';
import { createCache } from './cache.ts';
import type { KubeClient } from './client.ts';
import { errorOfEvent, KubeError } from './errors.ts';
import { listAll } from './list.ts';
import type { KubeObject } from './objects.ts';
import { sleep } from './sleep.ts';

/** What became of one object; one of the two is there, and both when it changed. */
export interface Change<T> {
  readonly before?: T;
  readonly after?: T;
  /** The watch told that it was deleted; absent where it only isn't in a new list. */
  readonly isDeleted?: true;
}

export interface Informer<T extends KubeObject> {
  /** Resolves when the first list is in the cache and all its changes were told. Never rejects. */
  readonly synced: Promise<void>;
  /** Milliseconds of `performance.now()` when the server said something last; undefined: never yet. */
  readonly lastEventAt: number | undefined;
  isSynced(): boolean;
  start(): void;
  /** Resolves when the watch is closed; nothing is told afterwards. The cache stays as it is. */
  stop(): Promise<void>;
  get(namespace: string | undefined, name: string): T | undefined;
  list(): Iterable<T>;
}

export interface InformerOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'request' | 'watch'>;
  /** For logs: `deployments`. */
  readonly resource: string;
  /** Of the collection: `/apis/apps/v1/deployments`, or that of one namespace. */
  readonly path: string;
  /** `labelSelector`, `fieldSelector`. */
  readonly query?: Readonly<Record<string, string>>;
  /** Keeps what is read; memory is what it returns. */
  readonly trim: (raw: KubeObject) => T;
  /** The cache has the change already. What it throws is logged and goes no further. */
  readonly onChange: (change: Change<T>) => void;
  readonly logger: Logger;
  readonly random?: () => number;
  /** Milliseconds between attempts; 200 to 5,000 by default. */
  readonly backoff?: { readonly min: number; readonly max: number };
}

/** Seconds that the server is asked to keep a watch: at random, so that not all of them end at once. */
const WATCH_SECONDS = { min: 240, max: 480 };

/** Events in a row that can't be read before all is listed anew, past whatever it is that can't be read. */
const UNREADABLE = 3;

/** A watch that ends sooner than this without an event counts as failed, in milliseconds. */
const SHORT_WATCH = 1_000;

/**
 * ```
 *  ┌─▶ list ──▶ watch ──ended, cut, 5xx: again from the last resourceVersion──┐
 *  │   (pages)    ▲ └──────────────────────────────────────────────────────────┘
 *  └── 410 ───────┘  a new list is compared with the cache, and the difference is told
 * ```
 */
export function createInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  const { client, resource, path, query, logger, random = Math.random } = options;
  const { min, max } = options.backoff ?? { min: 200, max: 5_000 };
  const backoff: Backoff = createBackoff({ min, max, random });
  const cache = createCache(options);
  const stopped = new AbortController();
  const synced = Promise.withResolvers<void>();
  let isSynced = false;
  let running: Promise<void> | undefined;
  let lastEventAt: number | undefined;
  let resourceVersion: string | undefined;
  let unreadable = 0;
  let failing: string | undefined;

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        if (resourceVersion === undefined) await list();
        else await watch(resourceVersion);
      } catch (error) {
        if (stopped.signal.aborted) return;
        await recover(error);
      }
    }
  }

  async function list(): Promise<void> {
    const found = await listAll({ client, path, query, trim: cache.trim, signal: stopped.signal, onPage: heard });
    cache.replace(found.objects, found.unreadable);
    resourceVersion = found.resourceVersion;
    if (!isSynced) logger.info({ resource, objects: found.objects.size }, 'objects listed');
    isSynced = true;
    synced.resolve();
  }

  async function watch(from: string): Promise<void> {
    const startedAt = performance.now();
    const seconds = Math.round(WATCH_SECONDS.min + random() * (WATCH_SECONDS.max - WATCH_SECONDS.min));
    const asked = {
      ...query,
      resourceVersion: from,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
    };
    let events = 0;
    for await (const { type, object } of client.watch(path, asked, stopped.signal)) {
      if (stopped.signal.aborted) return;
      if (type === 'ERROR') throw errorOfEvent(object);
      events++;
      heard();
      if (type === 'DELETED') cache.remove(object);
      else if (type !== 'BOOKMARK') cache.put(object);
      resourceVersion = object.metadata.resourceVersion;
      unreadable = 0;
    }
    if (events === 0 && performance.now() - startedAt < SHORT_WATCH) {
      throw new KubeError('the watch ended at once', { status: 0, reason: 'ShortWatch' });
    }
    heard();
  }

  /** The server is there and says what it should. */
  function heard(): void {
    lastEventAt = performance.now();
    backoff.reset();
    if (failing !== undefined) logger.info({ resource }, 'watching works again');
    failing = undefined;
  }

  async function recover(error: unknown): Promise<void> {
    const known = error instanceof KubeError ? error : undefined;
    if (known?.reason === 'InvalidEvent') unreadable++;
    const expired = known?.status === 410 || unreadable >= UNREADABLE;
    if (expired) {
      resourceVersion = undefined;
      unreadable = 0;
    }
    const wait = Math.max(backoff.next(), known?.retryAfterMs ?? 0);
    const message = messageOf(error);
    // One line when it begins and one for each other reason: an outage of an hour isn't a log of a thousand lines.
    if (message !== failing) {
      const fields = { resource, why: message, retryInMs: Math.round(wait), relist: expired };
      if (expired) logger.info(fields, 'watching starts over from a list');
      else logger.warn(fields, 'watching failed');
    }
    failing = message;
    await sleep(wait, stopped.signal);
  }

  return {
    synced: synced.promise,
    get lastEventAt() {
      return lastEventAt;
    },
    isSynced: () => isSynced,
    start() {
      running ??= run();
    },
    async stop() {
      stopped.abort();
      await running;
    },
    get: cache.get,
    list: cache.list,
  };
}
