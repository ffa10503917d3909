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

/** Whether a producer's own type becomes that of its payload, for a trigger with this content type or with none. */
export function contentTypeRule(fixed: string | undefined): (type: string, payload: Buffer) => boolean {
  return fixed === undefined ? isOwnContentType : (type) => type === fixed;
}

/** Whether a producer's own type is passed on: a receiver parses what is called JSON, so a wrong claim isn't. */
export function isOwnContentType(type: string, payload: Buffer): boolean {
  return type.length <= MAX_OWN_TYPE && (!/json/i.test(type) || isJson(payload));
}

/** It is sent twice, and the rest has to fit as well. */
const MAX_OWN_TYPE = 1024;

/** Whether the payload as a whole is one JSON value. */
function isJson(payload: Buffer): boolean {
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
