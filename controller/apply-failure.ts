/** What the API server means when it doesn't take a Deployment: a pure table. */

/** An answer of the API server that is no success; status 0 where there was no answer. */
export interface Refusal {
  readonly status: number;
  /** The server's CamelCase word, often empty. */
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

export interface ApplyVerdict {
  readonly reason: 'InvalidDeployment' | 'QuotaExceeded' | 'Forbidden' | 'NamespaceMissing' | 'ApplyFailed';
  /** The server's own sentence. */
  readonly message: string;
  /** `never`: until the trigger or the controller changes. `slowly`: what is in the way is for people to remove. */
  readonly retry: 'never' | 'slowly' | 'soon';
  /** Milliseconds that the server asked to wait. */
  readonly retryAfterMs?: number;
}

/** Server-side apply answers an unknown field, a bad quantity or a name twice with 500, and begins like this. */
const MALFORMED = /^failed to (create typed patch object|convert new object) /;
const QUOTA = /is forbidden: exceeded quota: /;
/** Of who may do what, not of what may be. */
const ROLE = /is forbidden: User "/;
const LONGEST = 2000;

export function judgeRefusal({ status, reason, message, retryAfterMs }: Refusal): ApplyVerdict {
  const sentence = message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message;
  if (isMalformed(status, message)) return { reason: 'InvalidDeployment', message: sentence, retry: 'never' };
  if (reason === 'NamespaceTerminating') return { reason: 'NamespaceMissing', message: sentence, retry: 'slowly' };
  // An API server that starts knows of no role for a moment.
  const isUnknownRole = status === 403 && ROLE.test(message);
  if (status === 403 && !isUnknownRole) {
    return { reason: QUOTA.test(message) ? 'QuotaExceeded' : 'Forbidden', message: sentence, retry: 'slowly' };
  }
  // One that isn't about an object says nothing of the namespace.
  if (status === 404 && reason !== 'PathNotFound')
    return { reason: 'NamespaceMissing', message: sentence, retry: 'slowly' };
  return {
    reason: isUnknownRole ? 'Forbidden' : 'ApplyFailed',
    message: sentence,
    retry: 'soon',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function isMalformed(status: number, message: string): boolean {
  return status === 400 || status === 413 || status === 422 || (status === 500 && MALFORMED.test(message));
}
