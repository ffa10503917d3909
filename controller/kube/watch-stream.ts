/** The body of a watch, cut into events: one JSON object a line. */
import { KubeError } from './errors.ts';
import type { KubeObject } from './objects.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  /** A Status object, without metadata, when the type is ERROR. */
  readonly object: KubeObject;
}

/** Bytes. etcd takes 1.5 MiB an object; JSON of binary-looking text may be six times that. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Throws a `KubeError` with the reason `InvalidEvent` on a line that is no event, and on one that is too long. */
export async function* readWatch(
  body: AsyncIterable<Uint8Array>,
  longestLine: number = LONGEST_LINE,
): AsyncGenerator<WatchEvent, void> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    let start = 0;
    // A newline byte is never part of a longer UTF-8 sequence, so lines are cut before they are decoded.
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      pieces.push(chunk.subarray(start, end));
      const line = textOf(pieces);
      start = end + 1;
      pieces = [];
      length = 0;
      if (line !== '') yield parseEvent(line);
    }
    if (start === chunk.length) continue;
    pieces.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > longestLine) throw invalid(`an event of more than ${longestLine} bytes`);
  }
  // What is left has lost its end with the connection; the next watch brings it again.
}

const NEWLINE = 10;

function textOf(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('utf8').trim();
}

function parseEvent(line: string): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    // Without its cause, whose message quotes the line.
    throw invalid('an event that is not JSON');
  }
  if (!isEvent(event)) throw invalid('an event without type and object');
  return event;
}

function isEvent(value: unknown): value is WatchEvent {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('object' in value)) return false;
  return typeof value.type === 'string' && typeof value.object === 'object' && value.object !== null;
}

function invalid(what: string): KubeError {
  return new KubeError(`the watch sent ${what}`, { status: 0, reason: 'InvalidEvent' });
}
