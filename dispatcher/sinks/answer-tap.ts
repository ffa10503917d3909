/** Stands between a socket and the HTTP client that reads it: what the client's strict parser refuses is made readable. */
import type { Socket } from 'node:net';
import { type AnswerErrorCode, readAnswerHead } from './answer-head.ts';

/** Why an answer can't be read. */
class AnswerError extends Error {
  readonly code: AnswerErrorCode;

  constructor(code: AnswerErrorCode) {
    super('the answer can not be read');
    this.code = code;
  }
}

/**
 * The answers of one connection, one at a time. Interim answers are dropped; an ordinary head, which one expression
 * recognizes, is passed on as it is, and any other one is written anew.
 */
export class AnswerTap {
  /** The socket has brought an answer already: its peer may have closed it since, without our knowing. */
  reused = false;
  /** Something of the awaited answer has come. */
  begun = false;
  #awaited = false;
  #held = '';

  /** The client has just connected. */
  attach(socket: Socket): void {
    this.disconnected();
    const read = socket.read.bind(socket);
    socket.read = (size?: number): Buffer | null => {
      // Of no size at all: the stream is asked to fetch, not to give.
      if (size === 0) return read(0);
      for (;;) {
        const chunk: Buffer | null = read(size);
        if (chunk === null || !this.#awaited) return chunk;
        const passed = this.#held === '' && isOrdinary(chunk) ? chunk : this.#rewrite(socket, chunk);
        if (passed !== undefined) {
          this.#awaited = false;
          this.begun = true;
          this.reused = true;
          return passed;
        }
      }
    };
  }

  /** The connection is gone. */
  disconnected(): void {
    this.reused = false;
    this.#held = '';
  }

  /** A request is about to be written. What comes before that is no answer to it. */
  expect(): void {
    this.begun = false;
    this.#awaited = true;
    this.#held = '';
  }

  /** Undefined while the head isn't complete, and when it can't be read: the socket is then destroyed. */
  #rewrite(socket: Socket, chunk: Buffer): Buffer | undefined {
    let text = this.#held + chunk.toString('latin1');
    this.#held = '';
    for (;;) {
      this.begun ||= BEGINNING.test(text);
      const head = readAnswerHead(text);
      switch (head.kind) {
        case 'partial':
          this.#held = text;
          return undefined;
        case 'interim':
          text = text.slice(head.length);
          break;
        case 'final':
          return Buffer.from(head.strict + text.slice(head.length), 'latin1');
        case 'invalid':
          socket.destroy(new AnswerError(head.code));
          return undefined;
      }
    }
  }
}

const BEGINNING = /^[\r\n]*H/;

/** Whether the client's parser surely takes this head. A function's answers mostly begin alike: the last head is remembered. */
function isOrdinary(chunk: Buffer): boolean {
  if (lastHead !== undefined && chunk.length >= lastHead.length) {
    if (lastHead.compare(chunk, 0, lastHead.length) === 0) return true;
  }
  const [head] = ORDINARY.exec(chunk.toString('latin1', 0, MAX_ORDINARY)) ?? [];
  if (head === undefined) return false;
  lastHead = Buffer.from(head, 'latin1');
  return true;
}

let lastHead: Buffer | undefined;

/** Bytes of a head beyond which it isn't ordinary. */
const MAX_ORDINARY = 2048;

/** A final status, clean header lines, one header at most about the body's length, and none for a body that can't be. */
const ORDINARY = (() => {
  const text = '[\\t\\x20-\\x7e\\x80-\\xff]*';
  const field = `(?!content-length|transfer-encoding)[!#$%&'*+.^_\`|~0-9a-z-]+:${text}\\r\\n`;
  const length = '(?:content-length: ?\\d{1,15}|transfer-encoding: ?chunked)\\r\\n';
  const status = `(?!(?:204|304)[^]*\\ncontent-length: ?0*[1-9])[2-5]\\d\\d(?: ${text})?\\r\\n`;
  return new RegExp(`^HTTP/1\\.[01] ${status}(?:${field})*(?:${length}(?:${field})*)?\\r\\n`, 'i');
})();
