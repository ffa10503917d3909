/** What the API server's refusals, and its silence, look like to the controller. */
import { messageOf } from '../../common/errors.ts';

export interface KubeFailure {
  /** Of HTTP; 0 when there was no answer. */
  readonly status: number;
  /**
   * CamelCase, of the Status object: `Conflict`, `AlreadyExists`, `Expired`, …; `NoAnswer` or `Timeout` with status 0;
   * `PathNotFound` for a 404 that isn't about an object; `NamespaceTerminating` for a 403 to make something where
   * everything is about to go.
   */
  readonly reason: string;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The message is the server's own sentence where there is one. It never holds a header, a body or a credential. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs?: number;

  constructor(message: string, { status, reason, retryAfterMs, cause }: KubeFailure) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.reason = reason;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Whether the API server itself says that the object which was asked for isn't there. The 404 of a proxy, or of a
 * resource that isn't served at the moment, says nothing about the object.
 */
export function saysAbsent(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404 && error.reason === 'NotFound';
}

/** Whether it was refused because the namespace is about to go, with all that is in it. */
export function saysTerminating(error: unknown): boolean {
  return error instanceof KubeError && error.reason === TERMINATING;
}

const TERMINATING = 'NamespaceTerminating';

/** A Status object of the API machinery, as far as it is read; every field may be absent. */
interface StatusObject {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number; readonly causes?: readonly { readonly reason?: string }[] };
}

/** No wait that the server asks for is longer, in milliseconds: a broken proxy mustn't stop the controller for hours. */
const LONGEST_RETRY_AFTER = 300_000;

/** What API servers say where they serve nothing under a path, if they don't say it in plain text. */
const UNKNOWN_PATH = 'the server could not find the requested resource';

/** The error that a body, which should be a Status object but may be anything, stands for. */
export function errorOf(status: number, body: string, retryAfter?: string): KubeError {
  const said = parseStatus(body);
  const seconds = retryAfterSeconds(retryAfter);
  const isAboutPath = status === 404 && (said === undefined || said.message === UNKNOWN_PATH);
  return errorOfStatus(
    {
      message: `HTTP ${status} without a Status object`,
      ...said,
      code: status,
      ...(isAboutPath && { reason: 'PathNotFound' }),
    },
    seconds,
  );
}

/** The error that the ERROR event of a watch stands for; its object is a Status object. */
export function errorOfEvent(object: object): KubeError {
  return errorOfStatus({ message: 'the watch failed', ...(object as StatusObject) });
}

function errorOfStatus({ code = 0, reason, message = '', details }: StatusObject, asked?: number): KubeError {
  const seconds = asked ?? details?.retryAfterSeconds;
  const retryAfterMs = seconds === undefined ? undefined : Math.min(seconds * 1000, LONGEST_RETRY_AFTER);
  const isTerminating = details?.causes?.some((cause) => cause.reason === TERMINATING) ?? false;
  const word = isTerminating ? TERMINATING : reason || REASONS[code] || 'Unknown';
  return new KubeError(message, { status: code, reason: word, retryAfterMs });
}

/** The error of a call that ended without an answer: refused, cut, no route, a certificate that isn't trusted. */
export function noAnswer(cause: unknown): KubeError {
  return new KubeError(`no answer: ${messageOf(cause)}`, { status: 0, reason: 'NoAnswer', cause });
}

/** For answers of proxies and load balancers, and for the 5xx of the API server itself, which often have none. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function parseStatus(body: string): StatusObject | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'Status') return undefined;
    return value as StatusObject; // a Status object by its kind
  } catch {
    return undefined;
  }
}

/** The API server sends seconds; the form with a date is left to the backoff of the caller. */
function retryAfterSeconds(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}
