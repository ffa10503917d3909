/** Asks the dispatchers how they are: all of them in turn, and one at once when its pod's readiness changes. */
import { createHash } from 'node:crypto';
import type { Change } from './kube/informer.ts';
import type { PodObject } from './kube/objects.ts';
import { createRounds } from './rounds.ts';
import type { DispatcherReading } from './status/observed.ts';

export interface DispatcherWatch {
  /** The latest readings of these pods; of those that weren't asked there is none. */
  of(pods: readonly PodObject[]): readonly DispatcherReading[];
  /** Of every pod there is, from the beginning. */
  changed(change: Change<PodObject>): void;
  start(): void;
  stop(): void;
}

export interface DispatcherWatchOptions {
  /** Whether the pod's dispatcher is one that can be asked. */
  readonly canAsk: (pod: PodObject) => boolean;
  /** Never rejects. */
  readonly read: (pod: PodObject) => Promise<DispatcherReading>;
  /** Called when a pod says something else than before. */
  readonly onNews: (pod: PodObject) => void;
}

interface Known {
  readonly reading: DispatcherReading;
  readonly digest: string;
  /** It failed to answer once since: a busy moment isn't news, a second one is. */
  isDoubted: boolean;
}

const AT_ONCE = 32;
/** Milliseconds: so often with few dispatchers, and with very many so often. */
const SHORTEST = 5_000;
const LONGEST = 30_000;
/** In between, so many a second are asked. */
const PER_SECOND = 100;
/** Milliseconds after which a dispatcher is asked again that answered before and now didn't. */
const ASK_AGAIN = 1_000;

export function createDispatcherWatch({ canAsk, read, onNews }: DispatcherWatchOptions): DispatcherWatch {
  /** All pods by their uid, as they were told last: nothing is asked or kept of another. */
  const pods = new Map<string, PodObject>();
  const readings = new Map<string, Known>();
  const waiting = new Map<string, PodObject>();
  let asking = 0;
  let running = false;

  function ask(uid: string): void {
    const pod = pods.get(uid);
    if (!running || pod === undefined || !isThere(pod) || !canAsk(pod)) return;
    waiting.set(uid, pod);
    next();
  }

  function next(): void {
    for (const [uid, pod] of waiting) {
      if (asking >= AT_ONCE) return;
      waiting.delete(uid);
      asking += 1;
      void take(pod);
    }
  }

  async function take(pod: PodObject): Promise<void> {
    const reading = await read(pod);
    asking -= 1;
    if (running && pods.has(pod.metadata.uid)) note(pod, reading);
    next();
  }

  function note(pod: PodObject, reading: DispatcherReading): void {
    const { uid } = pod.metadata;
    const known = readings.get(uid);
    if (known !== undefined && !known.isDoubted && 'status' in known.reading && 'why' in reading) {
      known.isDoubted = true;
      setTimeout(() => ask(uid), ASK_AGAIN).unref();
      return;
    }
    const digest = createHash('sha1').update(JSON.stringify(reading)).digest('base64');
    if (known?.digest === digest) {
      known.isDoubted = false;
      return;
    }
    readings.set(uid, { reading, digest, isDoubted: false });
    onNews(pod);
  }

  const rounds = createRounds({
    items: () => [...pods.values()].filter(isThere).map(({ metadata }) => metadata.uid),
    length: (count) => Math.min(LONGEST, Math.max(SHORTEST, (count / PER_SECOND) * 1000)),
    visit: ask,
  });

  return {
    of: (asked) => asked.flatMap(({ metadata }) => readings.get(metadata.uid)?.reading ?? []),
    changed({ before, after }) {
      if (after === undefined) {
        if (before !== undefined) for (const known of [pods, readings, waiting]) known.delete(before.metadata.uid);
        return;
      }
      const { uid } = after.metadata;
      pods.set(uid, after);
      if (before === undefined || isReady(before) !== isReady(after) || !isThere(before)) ask(uid);
    },
    start() {
      running = true;
      rounds.start();
    },
    stop() {
      running = false;
      rounds.stop();
    },
  };
}

function isThere({ metadata, status }: PodObject): boolean {
  return status?.phase === 'Running' && !!status.podIP && metadata.deletionTimestamp === undefined;
}

function isReady({ status }: PodObject): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}
