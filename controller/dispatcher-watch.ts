/**
 * Asks the dispatchers how they are: at once when a pod's readiness changes, and then with a question that waits at the
 * dispatcher until it has news, or until its numbers are due. Those that don't know how to wait are asked in rounds.
 */
import { createHash } from 'node:crypto';
import type { Change } from './kube/informer.ts';
import type { PodObject } from './kube/objects.ts';
import { TRIGGER_ID_LABEL } from './render/labels.ts';
import { createRounds } from './rounds.ts';
import type { Wait } from './status/dispatcher-reading.ts';
import type { DispatcherReading } from './status/observed.ts';
import { type Clock, SYSTEM_CLOCK } from './work-queue.ts';

export interface DispatcherWatch {
  /** The latest readings of these pods; of those that weren't asked there is none. */
  of(pods: readonly PodObject[]): readonly DispatcherReading[];
  /** Milliseconds since the oldest of these was taken; undefined where there is none. */
  age(pods: readonly PodObject[]): number | undefined;
  changed(change: Change<PodObject>): void;
  start(): void;
  stop(): void;
}

export interface DispatcherWatchOptions {
  /** Whether the pod's dispatcher is one that can be asked. */
  readonly canAsk: (pod: PodObject) => boolean;
  /** Never rejects. */
  readonly read: (pod: PodObject, options: { readonly wait?: Wait }) => Promise<DispatcherReading>;
  /** Called when a pod says something else than before. */
  readonly onNews: (pod: PodObject) => void;
  readonly clock?: Clock;
}

interface Dispatcher {
  pod: PodObject;
  reading?: DispatcherReading;
  digest?: string;
  readAt: number;
  /** When the last question was begun. */
  askedAt: number;
  /** It failed to answer once since: a busy moment isn't news, a second one is. */
  isDoubted: boolean;
  /** While a question waits there, or is about to: ends that. */
  unfollow?: () => void;
}

/** Milliseconds from one question that waits to the next: numbers are no older, and those of a trigger come together. */
const NUMBERS_EVERY = 50_000;
const AT_ONCE = 32;
/** Questions that wait at once: each holds a connection. */
const MOST_WAITING = 1_000;
/** Milliseconds between two questions to one dispatcher, whatever it answers. */
const PAUSE = 5_000;
/** Milliseconds of a round with very many dispatchers that can't wait; with few it is PAUSE. */
const LONGEST = 30_000;
/** In between, so many a second are asked. */
const PER_SECOND = 100;
/** Milliseconds after which a dispatcher is asked again that answered before and now didn't. */
const ASK_AGAIN = 1_000;

export function createDispatcherWatch({
  canAsk,
  read,
  onNews,
  clock = SYSTEM_CLOCK,
}: DispatcherWatchOptions): DispatcherWatch {
  const { now, after } = clock;
  /** By uid of the pod, while it runs. */
  const dispatchers = new Map<string, Dispatcher>();
  const queue = new Set<Dispatcher>();
  let asking = 0;
  let waiting = 0;
  let running = false;

  const isCurrent = (dispatcher: Dispatcher) => running && dispatchers.get(dispatcher.pod.metadata.uid) === dispatcher;

  function ask(dispatcher: Dispatcher): void {
    if (!isCurrent(dispatcher) || !canAsk(dispatcher.pod)) return;
    dispatcher.unfollow?.();
    queue.add(dispatcher);
    next();
  }

  function next(): void {
    for (const dispatcher of queue) {
      if (asking >= AT_ONCE) return;
      queue.delete(dispatcher);
      asking += 1;
      void take(dispatcher).finally(() => {
        asking -= 1;
        next();
      });
    }
  }

  async function take(dispatcher: Dispatcher, wait?: Wait): Promise<void> {
    dispatcher.askedAt = now();
    const reading = await read(dispatcher.pod, wait === undefined ? {} : { wait });
    if (wait?.signal.aborted || !isCurrent(dispatcher)) return;
    if (wait === undefined) dispatcher.unfollow?.();
    delete dispatcher.unfollow;
    note(dispatcher, reading);
    if ('tag' in reading && reading.tag !== undefined) follow(dispatcher, reading.tag);
  }

  /** Leaves the next question at the dispatcher, where there is room for it; the rounds come to the others. */
  function follow(dispatcher: Dispatcher, tag: string): void {
    if (waiting >= MOST_WAITING || dispatcher.unfollow !== undefined) return;
    const question = new AbortController();
    waiting += 1;
    let isOver = false;
    const end = () => {
      if (!isOver) waiting -= 1;
      isOver = true;
    };
    const begin = () => {
      const seconds = Math.round(untilNumbers(dispatcher.pod, now()) / 1000);
      const { reading: before } = dispatcher;
      void take(dispatcher, { tag, before, seconds, signal: question.signal }).finally(end);
    };
    const cancel = after(Math.max(0, dispatcher.askedAt + PAUSE - now()), begin);
    dispatcher.unfollow = () => {
      delete dispatcher.unfollow;
      cancel();
      question.abort();
      end();
    };
  }

  function note(dispatcher: Dispatcher, reading: DispatcherReading): void {
    const { reading: known, isDoubted } = dispatcher;
    if (known === reading) {
      Object.assign(dispatcher, { readAt: now(), isDoubted: false });
      return;
    }
    if (known !== undefined && !isDoubted && 'status' in known && 'why' in reading) {
      dispatcher.isDoubted = true;
      after(ASK_AGAIN, () => ask(dispatcher));
      return;
    }
    const digest = createHash('sha1').update(JSON.stringify(reading)).digest('base64');
    const isNews = dispatcher.digest !== digest;
    Object.assign(dispatcher, { reading, digest, readAt: now(), isDoubted: false });
    if (isNews) onNews(dispatcher.pod);
  }

  function forget(uid: string): void {
    const dispatcher = dispatchers.get(uid);
    if (dispatcher === undefined) return;
    dispatcher.unfollow?.();
    queue.delete(dispatcher);
    dispatchers.delete(uid);
  }

  const rounds = createRounds({
    items: () => [...dispatchers.values()].filter(({ unfollow }) => unfollow === undefined),
    length: (count) => Math.min(LONGEST, Math.max(PAUSE, (count / PER_SECOND) * 1000)),
    visit: (dispatcher) => {
      if (dispatcher.unfollow === undefined) ask(dispatcher);
    },
  });
  const known = (pods: readonly PodObject[]) =>
    pods.flatMap(({ metadata }) => {
      const dispatcher = dispatchers.get(metadata.uid);
      return dispatcher?.reading === undefined ? [] : [{ reading: dispatcher.reading, readAt: dispatcher.readAt }];
    });

  return {
    of: (pods) => known(pods).map(({ reading }) => reading),
    age(pods) {
      const times = known(pods).map(({ readAt }) => readAt);
      return times.length === 0 ? undefined : now() - Math.min(...times);
    },
    changed({ before, after: pod }) {
      if (before !== undefined && before.metadata.uid !== pod?.metadata.uid) forget(before.metadata.uid);
      if (pod === undefined) return;
      const { uid } = pod.metadata;
      // What it said last is no longer so, although the pod may stay: one that was evicted, or takes its time to end.
      if (!isThere(pod)) return forget(uid);
      const dispatcher = dispatchers.get(uid) ?? { pod, readAt: 0, askedAt: 0, isDoubted: false };
      dispatcher.pod = pod;
      dispatchers.set(uid, dispatcher);
      if (before === undefined || isReady(before) !== isReady(pod) || !isThere(before)) ask(dispatcher);
    },
    start() {
      running = true;
      rounds.start();
    },
    stop() {
      running = false;
      rounds.stop();
      for (const { unfollow } of dispatchers.values()) unfollow?.();
    },
  };
}

/** Milliseconds, neither less than a pause nor a minute: dispatchers of one trigger are due together, those of others at other times. */
function untilNumbers({ metadata }: PodObject, now: number): number {
  const id = metadata.labels?.[TRIGGER_ID_LABEL] ?? metadata.uid;
  const phase = createHash('sha1').update(id).digest().readUInt32BE() % NUMBERS_EVERY;
  const left = NUMBERS_EVERY - ((now + NUMBERS_EVERY - phase) % NUMBERS_EVERY);
  return left < PAUSE ? left + NUMBERS_EVERY : left;
}

function isThere({ metadata, status }: PodObject): boolean {
  return status?.phase === 'Running' && !!status.podIP && metadata.deletionTimestamp === undefined;
}

function isReady({ status }: PodObject): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}
