/** Changes that only the controller causes, such as a new image after an upgrade: a few at a time, and none after failures. */

export interface Rollouts {
  /**
   * Whether this key's change may be applied now. One that waits is woken when its turn comes. One that wasn't ready
   * before proves nothing when it isn't afterwards.
   */
  begin(key: string, wasReady: boolean): 'go' | 'wait' | 'paused';
  /** How a key's Deployment does; nothing happens for a key that isn't rolling. */
  observe(key: string, progress: Progress): void;
  /** The key waits for nothing: what it has is as it should be. */
  settle(key: string): void;
  /** The key is gone. */
  forget(key: string): void;
  /** Milliseconds until a rolling key counts as failed; undefined for one that isn't rolling. */
  deadline(key: string): number | undefined;
  readonly running: number;
  readonly waiting: number;
  readonly isPaused: boolean;
}

/** `halted`: somebody paused it, which proves nothing of what is rolled out. */
export type Progress = 'running' | 'done' | 'failed' | 'halted';

export interface RolloutOptions {
  readonly max: number;
  /** Called for a key whose turn has come, and for all that wait when their turn won't come. */
  readonly wake: (key: string) => void;
  /** Milliseconds that one rollout may take; five minutes by default. */
  readonly timeout?: number;
  /** Milliseconds of any clock that doesn't jump. */
  readonly now?: () => number;
}

const TIMEOUT = 300_000;
/** So many failures in a row, and nothing more is rolled until one of them is mended. */
const FAILURES = 3;

/**
 * ```
 * begin ─▶ waiting ─▶ running ─▶ done      (failures in a row: 0)
 *                        └─────▶ failed    (one more; at three: paused) ─▶ done (goes on)
 * ```
 */
export function createRollouts(options: RolloutOptions): Rollouts {
  const { max, wake, timeout = TIMEOUT, now = () => performance.now() } = options;
  const waiting = new Set<string>();
  const running = new Map<string, { readonly until: number; readonly wasReady: boolean }>();
  const failed = new Set<string>();
  let failures = 0;
  const isPaused = () => failures >= FAILURES;

  const next = () => {
    const free = isPaused() ? waiting.size : max - running.size;
    for (const key of [...waiting].slice(0, Math.max(0, free))) wake(key);
  };
  const succeed = (key: string) => {
    running.delete(key);
    failed.delete(key);
    failures = 0;
    next();
  };
  const fail = (key: string, counts: boolean) => {
    running.delete(key);
    if (counts) {
      failed.add(key);
      failures += 1;
    }
    next();
  };

  return {
    begin(key, wasReady) {
      if (running.has(key)) return 'go';
      waiting.add(key);
      if (isPaused()) return 'paused';
      if (running.size >= max) return 'wait';
      waiting.delete(key);
      running.set(key, { until: now() + timeout, wasReady });
      return 'go';
    },
    observe(key, progress) {
      const turn = running.get(key);
      if (progress === 'done') {
        if (turn !== undefined || failed.has(key)) succeed(key);
      } else if (progress === 'halted') {
        if (running.delete(key)) next();
      } else if (turn !== undefined && (progress === 'failed' || now() >= turn.until)) fail(key, turn.wasReady);
    },
    settle(key) {
      waiting.delete(key);
    },
    forget(key) {
      waiting.delete(key);
      failed.delete(key);
      if (running.delete(key)) next();
    },
    deadline(key) {
      const turn = running.get(key);
      return turn && Math.max(0, turn.until - now());
    },
    get running() {
      return running.size;
    },
    get waiting() {
      return waiting.size;
    },
    get isPaused() {
      return isPaused();
    },
  };
}
