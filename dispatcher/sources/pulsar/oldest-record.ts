/** The first record of a backlog, which every client is handed first: peeked at, for what keeps it from being read. */
import type { Answer } from './lag.ts';

export interface OldestRecord {
  /** `ledger:entry`; absent where the broker itself can't read the record. */
  readonly position?: string;
  /** Why no dispatcher can ever read it; absent where nothing is known to be wrong with it. */
  readonly unreadable?: string;
  /** What else is particular about it, to be told where it seems to be stuck. */
  readonly note?: string;
}

/** `path` is the topic's, such as `persistent/public/default/orders`. */
export function oldestPath(path: string, subscription: string): string {
  return `${path}/subscription/${encodeURIComponent(subscription)}/position/1`;
}

const ENCRYPTED =
  'it is encrypted, which a dispatcher cannot undo: publish it unencrypted, or decrypt it into another topic';

/** Undefined where there is none, or it may not be looked at. */
export function oldestOf({ status, headers, body }: Answer): OldestRecord | undefined {
  // The broker decompresses it for its answer.
  if (status === 500)
    return /compression/i.test(body) ? { unreadable: 'its compressed payload is damaged' } : undefined;
  if (status !== 200) return undefined;
  const header = (name: string): string => String(headers[`x-pulsar-${name}`] ?? '');
  const position = header('message-id');
  const note = noteOf(header);
  return {
    ...(/^\d+:\d+$/.test(position) && { position }),
    ...(header('is-encrypted') === 'true' && { unreadable: ENCRYPTED }),
    ...(note !== undefined && { note }),
  };
}

function noteOf(header: (name: string) => string): string | undefined {
  if (header('txn-uncommitted') === 'true') return 'its transaction is open';
  if (header('txn-aborted') === 'true') return 'its transaction was aborted';
  const chunks = header('num-chunks-from-msg');
  if (/^\d+$/.test(chunks) && chunks !== '0') return `it is one of ${chunks} chunks of a large record`;
  return undefined;
}
