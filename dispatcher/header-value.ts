/** Percent-encoding of header values and the check of header names. */

/**
 * Encodes what the CloudEvents HTTP binding (1.0.2, 3.1.3.2) wants encoded: space, `"`, `%` and all but printable ASCII,
 * as UTF-8. `decodeURIComponent` gives the text back; a lone surrogate comes back as U+FFFD.
 */
export function encodeHeaderValue(text: string): string {
  return SAFE.test(text) ? text : text.replace(UNSAFE, encodePart);
}

/** Whether this can be the name of a header: a token of RFC 9110, 5.6.2. */
export function isToken(name: string): boolean {
  return TOKEN.test(name);
}

const SAFE = /^[!#$&-~]*$/;
// Whole runs, so that both halves of a surrogate pair come together.
const UNSAFE = /[^!#$&-~]+/g;
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;

function encodePart(part: string): string {
  return encodeURIComponent(part.toWellFormed());
}
