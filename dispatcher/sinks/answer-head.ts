/** Reads the head of an HTTP answer as servers really send it, and writes it in the form that a strict parser takes. */

/** Codes of errors that say why an answer can't be read; transport-error.ts has the sentences. */
export type AnswerErrorCode =
  | 'ERR_ANSWER_NOT_HTTP'
  | 'ERR_ANSWER_TLS'
  | 'ERR_ANSWER_STATUS'
  | 'ERR_ANSWER_UPGRADE'
  | 'ERR_ANSWER_HEADERS_TOO_LARGE';

/** `length` is that of the head in what was read, up to and with its empty line. */
export type AnswerHead =
  | { readonly kind: 'partial' }
  | { readonly kind: 'interim'; readonly length: number }
  | { readonly kind: 'final'; readonly length: number; readonly strict: string }
  | { readonly kind: 'invalid'; readonly code: AnswerErrorCode };

/** Bytes of a head, with all of its header fields. */
const MAX_HEAD = 256 * 1024;

/**
 * `text` is all that came of an answer, as Latin-1. A head begins with `HTTP/`, a version and three digits, and ends with an
 * empty line; white space, line ends and header lines may be as they like. `strict` is a head with the same status, the
 * headers that somebody reads, and the same body behind it; its connection isn't used again where the body's length is
 * doubtful.
 */
export function readAnswerHead(text: string): AnswerHead {
  const start = text.search(NOT_LINE_END);
  if (start < 0) return partial(text);
  if (isTlsRecord(text)) return { kind: 'invalid', code: 'ERR_ANSWER_TLS' };
  if (!text.startsWith('HTTP/', start)) {
    return 'HTTP/'.startsWith(text.slice(start, start + 5))
      ? PARTIAL
      : { kind: 'invalid', code: 'ERR_ANSWER_NOT_HTTP' };
  }
  const lineEnd = text.indexOf('\n', start);
  if (lineEnd < 0) return partial(text);
  const [, version = '', digits] = STATUS_LINE.exec(text.slice(start, lineEnd)) ?? [];
  if (digits === undefined) return { kind: 'invalid', code: 'ERR_ANSWER_NOT_HTTP' };
  const status = Number(digits);
  if (status < 100) return { kind: 'invalid', code: 'ERR_ANSWER_STATUS' };
  if (status === 101) return { kind: 'invalid', code: 'ERR_ANSWER_UPGRADE' };
  const end = endOf(text, lineEnd);
  if (end === undefined) return partial(text);
  if (status < 200) return { kind: 'interim', length: end };
  const fields = fieldsOf(text.slice(lineEnd + 1, end));
  return { kind: 'final', length: end, strict: strictHead(status, version, fields) };
}

const PARTIAL: AnswerHead = { kind: 'partial' };
/** Empty lines in front of an answer are skipped, as RFC 9112 says of requests. */
const NOT_LINE_END = /[^\r\n]/;
const STATUS_LINE = /^HTTP\/(\d(?:\.\d)?)[ \t]+(\d{3})(?:[ \t\r]|$)/;

/** An alert, or a part of a handshake, of any version of TLS. */
function isTlsRecord(text: string): boolean {
  const type = text.charCodeAt(0);
  return (type === 0x15 || type === 0x16) && text.charCodeAt(1) === 0x03;
}

function partial(text: string): AnswerHead {
  return text.length <= MAX_HEAD ? PARTIAL : { kind: 'invalid', code: 'ERR_ANSWER_HEADERS_TOO_LARGE' };
}

/** Where the head ends whose status line ends at `lineEnd`. */
function endOf(text: string, lineEnd: number): number | undefined {
  EMPTY_LINE.lastIndex = lineEnd;
  return EMPTY_LINE.test(text) ? EMPTY_LINE.lastIndex : undefined;
}

const EMPTY_LINE = /\n\r?\n/g;

interface Field {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

/** The end of a line that goes on in the next one. */
const FOLD = /\r?\n[ \t]+/g;

/** What isn't a header line is left out; a line that begins with white space belongs to the one before it. */
function fieldsOf(block: string): readonly Field[] {
  const fields: Field[] = [];
  for (const line of block.replace(FOLD, ' ').split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    fields.push({ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() });
  }
  return fields;
}

function strictHead(status: number, version: string, fields: readonly Field[]): string {
  const { framing, reliable } = framingOf(status, fields);
  const connection = listOf(fields, 'connection');
  const persistent = version.startsWith('1.0') ? connection.includes('keep-alive') : !connection.includes('close');
  const lines = fields
    .filter(({ name, value }) => KEPT.has(name) && value.length <= MAX_KEPT && PRINTABLE.test(value))
    .filter(({ name }, place, kept) => kept.findIndex((other) => other.name === name) === place)
    .map(({ name, value }) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} \r\n${lines.join('')}${framing}${persistent && reliable ? '' : 'connection: close\r\n'}\r\n`;
}

/** The headers that the client or its caller reads, but for those about the connection and the body. */
const KEPT: ReadonlySet<string> = new Set(['keep-alive', 'location', 'retry-after']);
/** Bytes of one of them: all together stay below what the client takes. */
const MAX_KEPT = 4096;
const PRINTABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** How long the body is, after RFC 9112, 6.3; without a header it lasts to the connection's end. */
function framingOf(status: number, fields: readonly Field[]): { readonly framing: string; readonly reliable: boolean } {
  if (status === 204 || status === 304) return { framing: '', reliable: true };
  const codings = listOf(fields, 'transfer-encoding').filter((coding) => coding !== 'identity');
  const lengths = new Set(listOf(fields, 'content-length'));
  if (codings.length > 0) {
    const framing = codings.at(-1) === 'chunked' ? 'transfer-encoding: chunked\r\n' : '';
    return { framing, reliable: lengths.size === 0 };
  }
  if (lengths.size === 0) return { framing: '', reliable: true };
  const [length = ''] = lengths;
  if (lengths.size === 1 && LENGTH.test(length)) return { framing: `content-length: ${length}\r\n`, reliable: true };
  return { framing: 'content-length: 0\r\n', reliable: false };
}

const LENGTH = /^\d{1,15}$/;

/** The elements of all fields with this name, in lower case. */
function listOf(fields: readonly Field[], name: string): readonly string[] {
  return fields
    .filter((field) => field.name === name)
    .flatMap(({ value }) => value.toLowerCase().split(','))
    .map((element) => element.trim())
    .filter((element) => element !== '' || name === 'content-length');
}
