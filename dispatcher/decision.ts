/** What follows from an attempt: done, wait and try again, or give up. Pure but for the injected randomness. */
import type { RetrySpec } from '../api/trigger.ts';
import type { Outcome } from './outcome.ts';
import { createRetryPolicy } from './retry-policy.ts';
import type { Entry, EntryFailure } from './window.ts';

export type Decision =
  | { readonly kind: 'done' }
  /** Try again after `delay` milliseconds. */
  | { readonly kind: 'wait'; readonly delay: number }
  /** The next attempt stores the record in the dead letter. */
  | { readonly kind: 'dead-letter'; readonly failure: EntryFailure }
  /** A limit was reached and there is no dead letter: the record is let go. */
  | { readonly kind: 'give-up'; readonly limit: string };

export type Decide = (entry: Entry, outcome: Outcome, now: number) => Decision;

const DONE: Decision = { kind: 'done' };

export function createDecide(retry: RetrySpec, hasDeadLetter: boolean, random: () => number): Decide {
  const { maxAttempts: _attempts, maxAge: _age, ...unlimited } = retry;
  const nextDelivery = createRetryPolicy(retry, random);
  const nextStore = createRetryPolicy(unlimited, random);

  return (entry, outcome, now) => {
    if (outcome.kind === 'delivered') return DONE;
    if (entry.failure !== undefined) {
      const next = nextStore(entry.attempts - entry.failure.attempts, 0, outcome);
      return { kind: 'wait', delay: 'delay' in next ? next.delay : retry.maxDelay };
    }
    const { reason, message, status } = outcome;
    const failure = { reason, message, attempts: entry.attempts, ...(status !== undefined && { status }) };
    if (outcome.kind === 'rejected' && hasDeadLetter) return { kind: 'dead-letter', failure };
    const next = nextDelivery(entry.attempts, now - entry.firstAttemptAt, outcome);
    if ('delay' in next) return { kind: 'wait', delay: next.delay };
    return hasDeadLetter ? { kind: 'dead-letter', failure } : { kind: 'give-up', limit: next.giveUp };
  };
}
