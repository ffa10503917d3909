/** What became of one attempt to deliver a record: one table over HTTP answers and over failures to get one. */
import { STATUS_CODES } from 'node:http';
import { parseRetryAfter } from './retry-after.ts';
import { describeTransportError } from './transport-error.ts';

export type Outcome = Delivered | Retry | Rejected;

export interface Delivered {
  readonly kind: 'delivered';
  /** The HTTP status where there was one. */
  readonly status?: number;
}

/** Try the same record again after a pause. */
export interface Retry {
  readonly kind: 'retry';
  /** Stable, CamelCase, one per status code or transport failure, e.g. `ServiceUnavailable`, `Timeout`. */
  readonly reason: string;
  /** One sentence for a log or a status; never carries a credential or a payload. */
  readonly message: string;
  readonly status?: number;
  /** What the function asked for with Retry-After, in milliseconds. */
  readonly retryAfter?: number;
}

/** The function will not take this record as it is: dead letter at once where there is one, otherwise like Retry. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly reason: string;
  readonly message: string;
  readonly status?: number;
}

/** A complete HTTP answer. Its body is no part of it: it could carry what doesn't belong into a log. */
export interface Answer {
  readonly status: number;
  /** The header `Retry-After` as it came. */
  readonly retryAfter?: string | undefined;
}

/** How the one that answers is called in messages, and the clock in milliseconds since the epoch. */
export interface ClassifyOptions {
  readonly peer?: string;
  /** Nothing came over a new connection without TLS. */
  readonly isSilent?: boolean;
  readonly now?: () => number;
}

/**
 * Tells what an answer, or the error that stands for none, means for the record. Pure but for the clock. The codes are
 * those of Knative's data plane contract: https://knative.dev/docs/eventing/event-delivery/.
 */
export function classify(answer: Answer | Error, options: ClassifyOptions = {}): Outcome {
  const peer = options.peer ?? 'The function';
  if (answer instanceof Error) {
    return { kind: 'retry', ...describeTransportError(answer, peer, options.isSilent) };
  }
  const { status } = answer;
  const kind = meaning(status);
  if (kind === 'delivered') {
    return DELIVERED[status - 200] ?? { kind, status };
  }
  const failure = { reason: statusReason(status), message: describeAnswer(status, peer), status };
  if (kind === 'rejected') {
    return { kind, ...failure };
  }
  const retryAfter = parseRetryAfter(answer.retryAfter, options.now ?? Date.now);
  return retryAfter === undefined ? { kind, ...failure } : { kind, ...failure, retryAfter };
}

/** What a status code means. 307 and 308 come here only when they couldn't be followed. */
export function meaning(status: number): Outcome['kind'] {
  if (status >= 200 && status < 300) {
    return 'delivered';
  }
  if (status >= 400 && status < 500) {
    return PASSING_CLIENT_ERRORS.has(status) ? 'retry' : 'rejected';
  }
  return 'retry';
}

/** The reason of a status code that isn't a success: its name in CamelCase, or `Status` and its number. */
export function statusReason(status: number): string {
  const words = STATUS_CODES[status];
  if (words === undefined) {
    return `Status${status}`;
  }
  return words
    .replaceAll("'", '')
    .split(/[ -]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Of 4xx, those that pass by themselves: not deployed yet, time-out, conflict, too early, too many. */
const PASSING_CLIENT_ERRORS: ReadonlySet<number> = new Set([404, 408, 409, 425, 429]);

/** One object a status, so that success allocates nothing. */
const DELIVERED: readonly Delivered[] = Array.from({ length: 100 }, (_, i) => ({ kind: 'delivered', status: 200 + i }));

function describeAnswer(status: number, peer: string): string {
  const words = STATUS_CODES[status];
  const answered = `${peer} answered ${status}${words === undefined ? '' : ` ${words}`}`;
  if (status >= 300 && status < 400) {
    return `${answered}, which isn't followed: give the URL that it redirects to`;
  }
  return answered;
}
