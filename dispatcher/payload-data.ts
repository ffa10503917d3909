/** A record's payload as the data of CEL expressions, where reading it takes no longer than a few milliseconds. */
import { isUtf8 } from 'node:buffer';

/** Limits of the JSON that expressions read; beyond them an expression that reads `data` fails. */
export const MOST_BYTES = 256 * 1024;
export const MOST_LEVELS = 64;
/** Of `{`, `[`, `,` and `:` outside of texts; each `:` counts twice, as a name takes longer than a value. */
export const MOST_MARKS = 10_000;

/** Undefined for what isn't JSON. Throws where the payload is beyond a limit. */
export function dataOf(payload: Buffer): unknown {
  if (payload.length > MOST_BYTES) throw new RangeError(`the payload has more than ${MOST_BYTES} bytes`);
  if (!isUtf8(payload)) return undefined;
  checkMarks(payload);
  try {
    const mayHide = payload.includes(HIDING) || payload.includes(ESCAPE);
    return JSON.parse(payload.toString(), mayHide ? (_, value) => withoutHiding(value) : undefined);
  } catch {
    return undefined;
  }
}

/** The one name that hides from the evaluator what kind of object it has before it; it may be written with escapes. */
const HIDING = 'constructor';
const ESCAPE = '\\u';

/** The same without that name, which no expression can read. */
export function withoutHiding<T>(value: T): T {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, HIDING)) return value;
  const { [HIDING]: _, ...others } = value as T & { [HIDING]: unknown };
  return others as T;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;

/** What isn't JSON may be refused, too: it isn't parsed to tell. */
function checkMarks(payload: Buffer): void {
  let marks = 0;
  let level = 0;
  for (let at = 0; at < payload.length; at += 1) {
    switch (payload[at]) {
      case QUOTE:
        at = endOfText(payload, at + 1);
        break;
      case BRACE_OPEN:
      case BRACKET_OPEN:
        marks += 1;
        level += 1;
        if (level > MOST_LEVELS) throw new RangeError(`the payload is more than ${MOST_LEVELS} levels deep`);
        break;
      case BRACE_CLOSE:
      case BRACKET_CLOSE:
        level -= 1;
        break;
      case COLON:
        marks += 2;
        break;
      case COMMA:
        marks += 1;
        break;
    }
    if (marks > MOST_MARKS) throw new RangeError(`the payload has more than ${MOST_MARKS} values`);
  }
}

function endOfText(payload: Buffer, from: number): number {
  for (let at = from; at < payload.length; at += 1) {
    const byte = payload[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return payload.length;
}
