/** What a sink answered, whatever it is: what isn't an outcome is one that says so. */
import type { Outcome } from './outcome.ts';

/** Of a call's promise. The contract wants a list with one outcome; this is for sinks that don't keep it. */
export function firstOutcome(answer: unknown): Outcome {
  const outcome: unknown = Array.isArray(answer) ? answer[0] : undefined;
  return isOutcome(outcome) ? outcome : NO_OUTCOME;
}

/** Of what a sink threw. Its text may hold anything, so only its name and code are told. */
export function sinkFailure(error: unknown): Outcome {
  const name = error instanceof Error ? error.name : typeof error;
  const code = error instanceof Error && 'code' in error ? ` ${String(error.code)}` : '';
  return { kind: 'retry', reason: 'SinkFailed', message: `the sink failed unexpectedly: ${name}${code}` };
}

const NO_OUTCOME: Outcome = { kind: 'retry', reason: 'SinkFailed', message: 'the sink gave no outcome' };

function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'delivered') return true;
  return (value.kind === 'retry' || value.kind === 'rejected') && 'reason' in value && typeof value.reason === 'string';
}
