/** A status that only says that a rollout is on its way can wait: most rollouts are over before anybody looks. */
import type { TriggerStatus } from './kube/objects.ts';

export interface Patience {
  /** Milliseconds that this status may wait; undefined: it is to be written now. */
  left(key: string, status: TriggerStatus): number | undefined;
  forget(key: string): void;
}

export interface PatienceOptions {
  /** Whether there is much else to write, as after a cold start; never by default. */
  readonly isBusy?: (() => boolean) | undefined;
  /** Milliseconds of any clock that doesn't jump. */
  readonly now?: () => number;
}

/** Milliseconds. */
const LONGEST = 2_000;
const BUSY = 8_000;

export function createPatience({
  isBusy = () => false,
  now = () => performance.now(),
}: PatienceOptions = {}): Patience {
  const since = new Map<string, number>();
  return {
    left(key, { conditions = [] }) {
      const isRolling = conditions.some(({ type, reason }) => type === 'Ready' && reason === 'RollingOut');
      if (!isRolling) {
        since.delete(key);
        return undefined;
      }
      const begun = since.get(key) ?? now();
      since.set(key, begun);
      const left = begun + (isBusy() ? BUSY : LONGEST) - now();
      if (left > 0) return left;
      // Its next words wait as long.
      since.set(key, now());
      return undefined;
    },
    forget(key) {
      since.delete(key);
    },
  };
}
