/** Changes that only the controller causes, such as a new image after an upgrade: a few at a time, and none after failures. */

export interface Rollouts {
  /** Whether this key's change may be applied now. One that waits is woken when its turn comes. */
  begin(key: string): 'go' | 'wait' | 'paused';
  /** How a key's Deployment does; nothing happens for a key that isn't rolling. */
  observe(key: string, progress: Progress): void;
  /** The key is gone, or needs no such change any more. */
  forget(key: string): void;
  /** Milliseconds until a rolling key counts as failed; undefined for one that isn't rolling. */
  deadline(key: string): number | undefined;
  readonly running: number;
  readonly waiting: number;
  readonly isPaused: boolean;
}

export type Progress = 'running' | 'done' | 'failed';

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
  const running = new Map<string, number>();
  const failed = new Set<string>();
  let failures = 0;
  const isPaused = () => failures >= FAILURES;

  const next = () => {
    const free = isPaused() ? waiting.size : max - running.size;
    for (const key of [...waiting].slice(0, Math.max(0, free))) wake(key);
  };
  const end = (key: string, succeeded: boolean) => {
    running.delete(key);
    failures = succeeded ? 0 : failures + 1;
    if (succeeded) failed.delete(key);
    else failed.add(key);
    next();
  };

  return {
    begin(key) {
      if (running.has(key)) return 'go';
      waiting.add(key);
      if (isPaused()) return 'paused';
      if (running.size >= max) return 'wait';
      waiting.delete(key);
      running.set(key, now() + timeout);
      return 'go';
    },
    observe(key, progress) {
      const until = running.get(key);
      if (until === undefined) {
        if (progress === 'done' && failed.has(key)) end(key, true);
      } else if (progress === 'done') end(key, true);
      else if (progress === 'failed' || now() >= until) end(key, false);
    },
    forget(key) {
      waiting.delete(key);
      failed.delete(key);
      if (running.delete(key)) next();
    },
    deadline(key) {
      const until = running.get(key);
      return until === undefined ? undefined : Math.max(0, until - now());
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
