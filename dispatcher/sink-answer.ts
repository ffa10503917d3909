/** What a sink answered, whatever it is: what isn't an outcome is one that says so. */
import type { Outcome } from './outcome.ts';

/** Of a call's promise. The contract wants a list with one outcome; this is for sinks that don't keep it. Never throws. */
export function firstOutcome(answer: unknown): Outcome {
  try {
    const outcome: unknown = Array.isArray(answer) ? answer[0] : undefined;
    return outcomeOf(outcome) ?? NO_OUTCOME;
  } catch {
    return NO_OUTCOME;
  }
}

/** Of what a sink threw. Its text may hold anything, so only its name and code are told. Never throws. */
export function sinkFailure(error: unknown): Outcome {
  return { kind: 'retry', reason: 'SinkFailed', message: `the sink failed unexpectedly: ${nameOf(error)}` };
}

const NO_OUTCOME: Outcome = { kind: 'retry', reason: 'SinkFailed', message: 'the sink gave no outcome' };

function outcomeOf(value: unknown): Outcome | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  const outcome = value as Outcome; // judged by what it says of itself
  if (outcome.kind === 'delivered') return outcome;
  // Read once: what is read again later could be something else.
  const { kind, reason, message, status } = outcome;
  if ((kind !== 'retry' && kind !== 'rejected') || typeof reason !== 'string') return undefined;
  const plain = { reason, message: String(message), ...(typeof status === 'number' && { status }) };
  if (kind === 'rejected') return { kind, ...plain };
  const { retryAfter } = outcome;
  const isTime = typeof retryAfter === 'number' && retryAfter >= 0;
  return { kind, ...plain, ...(isTime && { retryAfter }) };
}

function nameOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return typeof error;
    return 'code' in error ? `${error.name} ${String(error.code)}` : String(error.name);
  } catch {
    return 'an error that cannot be read';
  }
}
