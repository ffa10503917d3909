/** Says how long a record waits for its next attempt, or that there is none. */
import type { RetrySpec } from '../api/trigger.ts';
import type { Outcome } from './outcome.ts';

export type RetryDecision = { readonly delay: number } | { readonly giveUp: 'MaxAttempts' | 'MaxAge' };

/**
 * `attempt` is the number of attempts made, 1 after the first; `age` the milliseconds since the first one began; the
 * outcome is the last one, which didn't deliver.
 */
export type RetryPolicy = (attempt: number, age: number, outcome: Outcome) => RetryDecision;

/**
 * Pure, given `random` (0 ≤ x < 1). Delays grow from `initialDelay` up to `maxDelay`, doubling (exponential) or by `step`
 * (linear); up to the share `jitter` of each is taken off at random. A Retry-After that asks for more is waited for in
 * full, but never beyond `maxDelay`, which is the trigger's owner's word. No attempt begins after `maxAge`: the last one
 * is moved forward to it.
 */
export function createRetryPolicy(spec: RetrySpec, random: () => number): RetryPolicy {
  const { maxAttempts = Number.POSITIVE_INFINITY, maxAge = Number.POSITIVE_INFINITY } = spec;

  return (attempt, age, outcome) => {
    if (attempt >= maxAttempts) {
      return { giveUp: 'MaxAttempts' };
    }
    if (age >= maxAge) {
      return { giveUp: 'MaxAge' };
    }
    const own = planned(spec, attempt) * (1 - spec.jitter * random());
    const asked = outcome.kind === 'retry' ? (outcome.retryAfter ?? 0) : 0;
    const delay = Math.max(own, Math.min(asked, spec.maxDelay));
    return { delay: Math.min(delay, maxAge - age) };
  };
}

function planned({ policy, initialDelay, maxDelay, step }: RetrySpec, attempt: number): number {
  const before = attempt - 1;
  // Bounded, so that a delay of 0 stays 0 when the power would be infinite.
  const grown = policy === 'exponential' ? initialDelay * 2 ** Math.min(before, 64) : initialDelay + step * before;
  return Math.min(grown, maxDelay);
}
