/** Tells the Content-Type of a payload that doesn't come with one, by the rule of the original triggers. */
import { isUtf8 } from 'node:buffer';

const JSON_TYPE = 'application/json';
/** What the originals send for any text that isn't JSON; runtimes hand it to the function as it is. */
const TEXT_TYPE = 'application/x-www-form-urlencoded';
const BINARY_TYPE = 'application/octet-stream';

/** Which payloads count as JSON: any JSON value, or objects and `null` alone. */
type JsonRule = 'any' | 'object';

export function contentTypeOf(payload: Buffer, rule: JsonRule): string {
  if (!isUtf8(payload)) {
    return BINARY_TYPE;
  }
  return isJson(payload, rule) ? JSON_TYPE : TEXT_TYPE;
}

/** Whether the payload as a whole is one JSON value in UTF-8. */
export function isJsonText(payload: Buffer): boolean {
  return isUtf8(payload) && isJson(payload, 'any');
}

/** `payload` is UTF-8. */
function isJson(payload: Buffer, rule: JsonRule): boolean {
  const beginnings = rule === 'any' ? ANY_VALUE : OBJECT_OR_NULL;
  if (!beginnings.has(firstByte(payload))) {
    return false;
  }
  try {
    JSON.parse(payload.toString());
    return true;
  } catch {
    return false;
  }
}

const ANY_VALUE: ReadonlySet<number | undefined> = new Set(Buffer.from('{["-0123456789tfn'));
const OBJECT_OR_NULL: ReadonlySet<number | undefined> = new Set(Buffer.from('{n'));

/** The first byte that isn't JSON's white space. */
function firstByte(payload: Buffer): number | undefined {
  for (const byte of payload) {
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
      return byte;
    }
  }
  return undefined;
}
