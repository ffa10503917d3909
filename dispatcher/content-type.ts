/** Tells the Content-Type of a payload that doesn't come with one, by the rule of the original triggers. */
import { isUtf8 } from 'node:buffer';
import type { EnvelopeProfile } from '../api/kinds/index.ts';
import { isJsonText } from './json-text.ts';

const JSON_TYPE = 'application/json';
/** What the originals send for any text that isn't JSON; runtimes hand it to the function as it is. */
const TEXT_TYPE = 'application/x-www-form-urlencoded';
const BINARY_TYPE = 'application/octet-stream';

export function contentTypeOf(payload: Buffer, rule: EnvelopeProfile['json']): string {
  if (!isUtf8(payload)) {
    return BINARY_TYPE;
  }
  return (rule === 'any' || isObjectOrNull(payload)) && isJsonText(payload) ? JSON_TYPE : TEXT_TYPE;
}

/** Whether the payload as a whole is one JSON value. */
export function isJson(payload: Buffer): boolean {
  return isUtf8(payload) && isJsonText(payload);
}

/** By its beginning, if it is JSON at all. */
function isObjectOrNull(payload: Buffer): boolean {
  for (const byte of payload) {
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
      return byte === 0x7b || byte === 0x6e;
    }
  }
  return false;
}
