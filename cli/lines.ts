/** The readable lines of a local run. */
import { isUtf8 } from 'node:buffer';
import type { Trigger } from '../api/trigger.ts';
import { formatDuration } from '../common/duration.ts';
import type { Attempt } from '../dispatcher/attempt.ts';
import type { DispatcherStatus } from '../dispatcher/dispatcher.ts';

const LONGEST_PAYLOAD = 60;

/** `12:31:02.123 hello 5:0 key=a delivered 204 in 12ms {"a":1}`. */
export function deliveryLine(trigger: Pick<Trigger, 'name'>, attempt: Attempt, now = new Date()): string {
  const { record } = attempt;
  const key = record.key === undefined ? '' : ` key=${printable(record.key)}`;
  return `${timeOfDay(now)} ${trigger.name} ${record.position}${key} ${whatBecame(attempt)} ${preview(record.payload)}`;
}

/** `12:31:02.123 hello 37 more attempts failed: The function answered 503 Service Unavailable`, in place of a line each. */
export function repeatedLine(
  trigger: Pick<Trigger, 'name'>,
  { outcome }: Attempt,
  count: number,
  now = new Date(),
): string {
  const why = outcome.kind === 'delivered' ? '' : `: ${outcome.message}`;
  return `${timeOfDay(now)} ${trigger.name} ${count} more ${count === 1 ? 'attempt' : 'attempts'} failed${why}`;
}

function timeOfDay(now: Date): string {
  return now.toISOString().slice(11, 23);
}

function whatBecame({ outcome, attempt, took, retryIn, deadLetter }: Attempt): string {
  const status = outcome.status === undefined ? '' : ` ${outcome.status}`;
  const which = attempt === 1 ? '' : ` at attempt ${attempt}`;
  const time = ` in ${formatDuration(Math.round(took))}`;
  if (outcome.kind === 'delivered') return `${deadLetter ? 'dead-lettered' : 'delivered'}${status}${which}${time}`;
  const again = retryIn === undefined ? 'no further attempt' : `again in ${formatDuration(Math.round(retryIn))}`;
  return `${outcome.kind === 'retry' ? 'failed' : 'rejected'}${which}${time}: ${outcome.message} (${again})`;
}

function preview(payload: Buffer): string {
  if (!isUtf8(payload)) return `${payload.length} bytes`;
  const text = payload.subarray(0, 4 * LONGEST_PAYLOAD).toString();
  const cut = [...text].slice(0, LONGEST_PAYLOAD).join('');
  return cut.length === text.length ? printable(cut) : `${printable(cut)}… ${payload.length} bytes`;
}

/** Without what would move the cursor or colour the terminal. */
function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

type Summarized = Pick<
  DispatcherStatus,
  'delivered' | 'filtered' | 'deadLettered' | 'dropped' | 'failures' | 'records'
>;

/** `12 delivered, 1 dead-lettered; 3 failed attempts: ServiceUnavailable 3`. */
export function summaryLine({ delivered, filtered, deadLettered, dropped, failures, records }: Summarized): string {
  const counts = [
    `${delivered} delivered`,
    ...(filtered > 0 ? [`${filtered} filtered out`] : []),
    ...(deadLettered > 0 ? [`${deadLettered} dead-lettered`] : []),
    ...(dropped > 0 ? [`${dropped} dropped`] : []),
    ...(records > 0 ? [`${records} given back undelivered`] : []),
  ].join(', ');
  const reasons = Object.entries(failures).map(([reason, count]) => `${reason} ${count}`);
  return reasons.length === 0 ? counts : `${counts}; failed attempts: ${reasons.join(', ')}`;
}

/** A JSON line of the logger as one for a person. */
export function logLine(line: string): string {
  const { level, msg, time: _, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const details = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const text = [msg, ...details].join(' ');
  return level === 'info' ? text : `${String(level)}: ${text}`;
}
