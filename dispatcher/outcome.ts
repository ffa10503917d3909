/** What became of one attempt to deliver a record. */

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
