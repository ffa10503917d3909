/** Tells JSON texts from others without making a value of them: half of what JSON.parse takes, and no garbage. */

/** Whether these bytes of UTF-8 are one JSON value (RFC 8259): true exactly where JSON.parse would not throw. */
export function isJsonText(bytes: Uint8Array): boolean {
  let depth = 0;
  let at = skipSpace(bytes, 0);
  for (;;) {
    // A value begins here.
    const first = bytes[at];
    if (first === BRACE_OPEN || first === BRACKET_OPEN) {
      if (depth === MAX_DEPTH) {
        return isParsed(bytes);
      }
      closers[depth] = first === BRACE_OPEN ? BRACE_CLOSE : BRACKET_CLOSE;
      depth += 1;
      at = skipSpace(bytes, at + 1);
      if (bytes[at] === closers[depth - 1]) {
        at += 1;
        depth -= 1;
      } else {
        at = first === BRACE_OPEN ? skipKey(bytes, at) : at;
        if (at === NONE) {
          return false;
        }
        continue;
      }
    } else {
      at = skipScalar(bytes, at, first);
      if (at === NONE) {
        return false;
      }
    }
    // A value has ended: what closes with it, up to where the next one begins.
    for (;;) {
      at = skipSpace(bytes, at);
      if (depth === 0) {
        return at === bytes.length;
      }
      const next = bytes[at];
      const closer = closers[depth - 1];
      at += 1;
      if (next === COMMA) {
        at = skipSpace(bytes, at);
        at = closer === BRACE_CLOSE ? skipKey(bytes, at) : at;
        break;
      }
      if (next !== closer) {
        return false;
      }
      depth -= 1;
    }
    if (at === NONE) {
      return false;
    }
  }
}

/** In place of an offset: it isn't JSON. */
const NONE = -1;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

/** What closes each level that is open; one buffer for all, since nothing here waits. Deeper texts are parsed. */
const MAX_DEPTH = 1024;
const closers = new Uint8Array(MAX_DEPTH);

const ESCAPED: ReadonlySet<number | undefined> = new Set(Buffer.from('"\\/bfnrt'));
const HEX = /^[\da-f]{4}$/i;

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
      return at;
    }
  }
  return at;
}

/** A member's name, its colon and the white space around. */
function skipKey(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) {
    return NONE;
  }
  const end = skipString(bytes, from + 1);
  if (end === NONE) {
    return NONE;
  }
  const colon = skipSpace(bytes, end);
  return bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : NONE;
}

function skipScalar(bytes: Uint8Array, at: number, first: number | undefined): number {
  switch (first) {
    case QUOTE:
      return skipString(bytes, at + 1);
    case 0x74:
      return skipWord(bytes, at, 'true');
    case 0x66:
      return skipWord(bytes, at, 'false');
    case 0x6e:
      return skipWord(bytes, at, 'null');
    default:
      return skipNumber(bytes, at);
  }
}

/** 1 for what stands for itself in a string: no control character, quote or backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH),
);

/** `from` is after the opening quote. */
function skipString(bytes: Uint8Array, from: number): number {
  let at = skipPlain(bytes, from);
  for (;;) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      return at + 1;
    }
    if (byte === undefined || byte < 0x20) {
      return NONE;
    }
    at = byte === BACKSLASH ? skipEscape(bytes, at + 1) : at + 1;
    if (at === NONE) {
      return NONE;
    }
  }
}

/** Most of a long string, four bytes at a time: what is left is for who looks closer. */
function skipPlain(bytes: Uint8Array, from: number): number {
  let at = from;
  for (const last = bytes.length - 4; at <= last; at += 4) {
    if ((plain(bytes, at) & plain(bytes, at + 1) & plain(bytes, at + 2) & plain(bytes, at + 3)) === 0) {
      return at;
    }
  }
  return at;
}

function plain(bytes: Uint8Array, at: number): number {
  return PLAIN[bytes[at] ?? 0] ?? 0;
}

function skipEscape(bytes: Uint8Array, at: number): number {
  if (ESCAPED.has(bytes[at])) {
    return at + 1;
  }
  const digits = bytes.subarray(at + 1, at + 5);
  return bytes[at] === 0x75 && HEX.test(String.fromCharCode(...digits)) ? at + 5 : NONE;
}

function skipWord(bytes: Uint8Array, from: number, word: string): number {
  for (let i = 0; i < word.length; i++) {
    if (bytes[from + i] !== word.charCodeAt(i)) {
      return NONE;
    }
  }
  return from + word.length;
}

function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  at = bytes[at] === ZERO ? at + 1 : skipDigits(bytes, at);
  if (at !== NONE && bytes[at] === DOT) {
    at = skipDigits(bytes, at + 1);
  }
  // 0x20 makes a small letter of a capital one.
  if (at !== NONE && ((bytes[at] ?? 0) | 0x20) === 0x65) {
    const sign = bytes[at + 1];
    at = skipDigits(bytes, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
  }
  return at;
}

/** One at least. */
function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) {
    at += 1;
  }
  return at === from ? NONE : at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function isParsed(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
    return true;
  } catch {
    return false;
  }
}
