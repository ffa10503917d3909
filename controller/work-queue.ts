/** Keys that wait to be worked on: each at most once at a time, and again after a while when it failed. */
import { type Backoff, createBackoff } from '../common/backoff.ts';

export interface WorkQueue {
  /** Keys that could be worked on now, but for a free place. */
  readonly size: number;
  /** Keys that wait for their time: after a failure, or by `addAfter`. */
  readonly waiting: number;
  readonly running: number;
  /**
   * Works on the key as soon as there is a place; once more when it is being worked on. It ends the wait of a key that
   * failed, but not below `backoff.min` after the failure, nor a wait that the server asked for.
   */
  add(key: string): void;
  /** The earlier of two wishes counts. Milliseconds. */
  addAfter(key: string, ms: number): void;
  /**
   * Starts nothing more and resolves when nothing runs. After `graceMs` (1,000 by default) the signal of what still
   * runs is aborted.
   */
  stop(graceMs?: number): Promise<void>;
}

export interface WorkQueueOptions {
  /**
   * May be rejected: then the key is tried again with backoff, and not before `retryAfterMs` milliseconds where the
   * error has that property. `again` is when to look at it again after success, in milliseconds.
   */
  readonly work: (key: string, signal: AbortSignal) => Promise<{ readonly again?: number } | undefined>;
  /** Keys that are worked on at once. */
  readonly concurrency: number;
  /** Milliseconds between attempts of one key; 200 to 60,000 by default. */
  readonly backoff?: { readonly min: number; readonly max: number };
  readonly observer?: WorkQueueObserver;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** For logs and metrics. Durations are milliseconds. */
export interface WorkQueueObserver {
  started?(key: string, waited: number): void;
  succeeded?(key: string, took: number): void;
  failed?(key: string, error: unknown, took: number, retryIn: number): void;
}

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Returns what cancels it. */
  after(ms: number, then: () => void): () => void;
}

/** One key that waits, runs or has failed. */
interface Entry {
  /** When it is to be worked on (again), by the clock; absent: nobody asked. */
  due?: number;
  /** Not before, whoever asks. */
  notBefore: number;
  readonly backoff: Backoff;
  running: boolean;
  cancel?: () => void;
}

/** 0.2 s is what a conflict or a restart of the API server takes; a minute is bearable when a cure comes from outside. */
const BACKOFF = { min: 200, max: 60_000 };
/** Milliseconds after which timers and sockets have their turn: thousands of keys with nothing to wait for would keep them out. */
const TURN = 10;

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { work, concurrency, backoff = BACKOFF, observer = {}, clock = SYSTEM_CLOCK, random = Math.random } = options;
  const entries = new Map<string, Entry>();
  /** Keys whose time has come, in the order in which it came. */
  const ready = new Map<string, Entry>();
  const aborted = new AbortController();
  const idle = Promise.withResolvers<void>();
  let running = 0;
  let stopping = false;
  /** When the first key of this turn of the event loop was started. */
  let turnBegan: number | undefined;

  function entryOf(key: string): Entry {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { notBefore: 0, running: false, backoff: createBackoff({ ...backoff, jitter: 0.2, random }) };
    entries.set(key, entry);
    return entry;
  }

  function want(key: string, entry: Entry, at: number): void {
    if (entry.due !== undefined && entry.due <= at) return;
    entry.due = at;
    if (!entry.running) schedule(key, entry);
  }

  function schedule(key: string, entry: Entry): void {
    entry.cancel?.();
    delete entry.cancel;
    if (entry.due === undefined || stopping) return;
    const wait = Math.max(entry.due, entry.notBefore) - clock.now();
    if (wait > 0) {
      entry.cancel = clock.after(wait, () => schedule(key, entry));
    } else if (!ready.has(key)) {
      ready.set(key, entry);
      startNext();
    }
  }

  function startNext(): void {
    for (const [key, entry] of ready) {
      if (running >= concurrency || stopping || isTurnOver()) return;
      ready.delete(key);
      run(key, entry);
    }
  }

  function isTurnOver(): boolean {
    const now = clock.now();
    if (turnBegan === undefined) {
      turnBegan = now;
      setImmediate(() => {
        turnBegan = undefined;
        startNext();
      });
    }
    return now - turnBegan > TURN;
  }

  async function run(key: string, entry: Entry): Promise<void> {
    const startedAt = clock.now();
    const waited = startedAt - Math.max(entry.due ?? startedAt, entry.notBefore);
    delete entry.due;
    entry.running = true;
    running++;
    observer.started?.(key, waited);
    const outcome = await attempt(key);
    const now = clock.now();
    entry.running = false;
    running--;
    if ('error' in outcome) {
      const asked = retryAfterOf(outcome.error);
      const wait = Math.max(entry.backoff.next(), asked);
      entry.notBefore = now + Math.max(Math.min(wait, backoff.min), asked);
      want(key, entry, now + wait);
      observer.failed?.(key, outcome.error, now - startedAt, wait);
    } else {
      entry.backoff.reset();
      if (outcome.again !== undefined) want(key, entry, now + outcome.again);
      observer.succeeded?.(key, now - startedAt);
    }
    if (entry.due === undefined) entries.delete(key);
    else schedule(key, entry);
    if (stopping && running === 0) idle.resolve();
    startNext();
  }

  async function attempt(key: string): Promise<{ error: unknown } | { again?: number }> {
    try {
      return (await work(key, aborted.signal)) ?? {};
    } catch (error) {
      return { error };
    }
  }

  return {
    get size() {
      return ready.size;
    },
    get waiting() {
      return entries.size - ready.size - running;
    },
    get running() {
      return running;
    },
    add(key) {
      if (!stopping) want(key, entryOf(key), clock.now());
    },
    addAfter(key, ms) {
      if (!stopping) want(key, entryOf(key), clock.now() + ms);
    },
    async stop(graceMs = 1_000) {
      stopping = true;
      for (const entry of entries.values()) entry.cancel?.();
      ready.clear();
      if (running === 0) return;
      const cancel = clock.after(graceMs, () => aborted.abort());
      await idle.promise;
      cancel();
    },
  };
}

function retryAfterOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return 0;
  return typeof error.retryAfterMs === 'number' && error.retryAfterMs > 0 ? error.retryAfterMs : 0;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
