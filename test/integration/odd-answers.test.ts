/** Answers as servers really give them, beside what HTTP asks for: what each means for the record. */
import { expect } from 'chai';
import { DeadlineError } from '../../dispatcher/call-deadlines.ts';
import type { Outcome } from '../../dispatcher/outcome.ts';
import { createHttpCaller, type HttpCaller } from '../../dispatcher/sinks/http-caller.ts';
import {
  type RawServer,
  type RawServerOptions,
  type RawStep,
  startRawServer,
  writeRaw,
} from '../support/raw-server.ts';

const LENGTH = 'Content-Length: 2\r\n';
const OK = `HTTP/1.1 200 OK\r\n${LENGTH}\r\nok`;
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nContent-Length: 7\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** A 200 with these header lines and the body `ok`. */
const withLines = (...lines: readonly string[]) =>
  `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\nok`;

const DELIVERED: Record<string, readonly RawStep[]> = {
  'an ordinary answer': [OK],
  '100 Continue first': [CONTINUE + OK],
  '100 Continue in a segment of its own': [CONTINUE, OK],
  '100 Continue over five segments': ['HTTP/1', '.1 10', '0 Continue\r\n', '\r', `\n${OK}`],
  '100 without a reason phrase and with bare line feeds': [`HTTP/1.1 100\n\n${OK}`],
  '102 Processing first': [`HTTP/1.1 102 Processing\r\n\r\n${OK}`],
  '103 Early Hints with headers, also of a length': [HINTS + OK],
  'several interim answers': [HINTS + CONTINUE, HINTS, CONTINUE + CONTINUE, OK],
  'an interim answer that has no name': [`HTTP/1.1 199 Soon\r\n\r\n${OK}`],
  'the byte-wise answer': [...OK],
  'a reason phrase that is empty': [`HTTP/1.1 200 \r\n${LENGTH}\r\nok`],
  'no reason phrase': [`HTTP/1.1 200\r\n${LENGTH}\r\nok`],
  'a reason phrase in Latin-1': [`HTTP/1.1 200 D\xe9j\xe0 vu\r\n${LENGTH}\r\nok`],
  'two spaces before the status': [`HTTP/1.1  200 OK\r\n${LENGTH}\r\nok`],
  'a tab after the status': [`HTTP/1.1 200\tOK\r\n${LENGTH}\r\nok`],
  'empty lines first': [`\r\n\r\n${OK}`],
  'a status line alone, and the end': ['HTTP/1.1 200\r\n\r\n', 'END'],
  'HTTP/1.0 and the end': ['HTTP/1.0 200 OK\r\n\r\nok', 'END'],
  'HTTP/1.0 with a length': [`HTTP/1.0 200 OK\r\n${LENGTH}\r\nok`],
  'HTTP/1.0 with keep-alive': [`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${LENGTH}\r\nok`],
  'HTTP/1.0 with keep-alive and no length': ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nok', 'END'],
  'HTTP/1.2': [`HTTP/1.2 200 OK\r\n${LENGTH}\r\nok`],
  'no length, and the end': ['HTTP/1.1 200 OK\r\n\r\nok', 'END'],
  'no length, and a reset': ['HTTP/1.1 200 OK\r\n\r\nok', 'RESET'],
  'the end in the middle of the body': ['HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok', 'END'],
  'a reset in the middle of the body': ['HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok', 'RESET'],
  'Connection: close, and the end before the body': [
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 20\r\n\r\n',
    'END',
  ],
  'the end in the middle of a chunk': [`${CHUNKED}9\r\nok`, 'END'],
  'the end before the last chunk': [`${CHUNKED}2\r\nok\r\n`, 'END'],
  'chunks that are none': [`${CHUNKED}zz\r\nok`],
  'chunks with bare line feeds': [`${CHUNKED}2\nok\n0\n\n`],
  'chunk extensions': [`${CHUNKED}2;a=b;c="d"\r\nok\r\n0;e\r\n\r\n`],
  'chunk extensions that are none': [`${CHUNKED}2 ; \r\nok\r\n0\r\n\r\n`],
  trailers: [`${CHUNKED}2\r\nok\r\n0\r\nX-Checksum: 1\r\n\r\n`],
  'bytes after the body': [`${OK}EXTRA`],
  'a second answer': [OK + OK],
  'bare line feeds': ['HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
  'bare line feeds in segments': ['HTTP/1.1 200 OK\n', 'Content-Length: 2\n', '\nok'],
  'line ends of both kinds': ['HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nok'],
  'a header over two lines': [withLines('X-A: a', '\tb', 'Content-Length: 2')],
  'a header value in Latin-1': [withLines('X-A: \xe9', 'Content-Length: 2')],
  'a header value with control characters': [withLines('X-A: a\x00\x01\rb', 'Content-Length: 2')],
  'a header name in Latin-1': [withLines('X-\xe9: a', 'Content-Length: 2')],
  'a space before the colon': [withLines('X-A : a', 'Content-Length : 2')],
  'a space in a header name': [withLines('X A: a', 'Content-Length: 2')],
  'a header without a name, and a line without a colon': [withLines(': a', 'a', ' b', 'Content-Length: 2')],
  'a length twice': [withLines('Content-Length: 2', 'Content-Length: 2')],
  'a list of one length': [withLines('Content-Length: 2, 2')],
  'two lengths': [withLines('Content-Length: 2', 'Content-Length: 3')],
  'a length that is no number': [withLines('Content-Length: two')],
  'a negative length': [withLines('Content-Length: -1')],
  'an empty length': [withLines('Content-Length: ')],
  'a length beyond all numbers': [withLines(`Content-Length: ${'9'.repeat(40)}`)],
  'a length and chunks': [
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  'chunks and a length': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  'Transfer-Encoding: identity': [withLines('Transfer-Encoding: identity', 'Content-Length: 2')],
  'Transfer-Encoding: gzip, and the end': [withLines('Transfer-Encoding: gzip'), 'END'],
  'chunked twice': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  'a Location of 20 KB': [withLines(`Location: /${'a'.repeat(20_000)}`, 'Content-Length: 2')],
  '3,000 Locations': [withLines(...Array.from({ length: 3000 }, () => 'Location: /a'), 'Content-Length: 2')],
  'a Keep-Alive of 20 KB': [withLines(`Keep-Alive: ${'a'.repeat(20_000)}`, 'Content-Length: 2')],
  'a header over 60,000 lines': [
    withLines('X-A: a', ...Array.from({ length: 60_000 }, () => ' a'), 'Content-Length: 2'),
  ],
  '100 KB of headers': [withLines(`X-A: ${'a'.repeat(100_000)}`, 'Content-Length: 2')],
  '5,000 headers': [withLines(...Array.from({ length: 5000 }, () => 'X-A: a'), 'Content-Length: 2')],
};

const WITHOUT_BODY: Record<string, readonly [RawStep[], object]> = {
  '204 with a length': [['HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'], { kind: 'delivered', status: 204 }],
  '204 with a length of its own accord': [
    ['HTTP/1.1 204 No Content\r\nX: a\r\nContent-Length: 5\r\nX: b\r\n\r\nhello'],
    { kind: 'delivered', status: 204 },
  ],
  '204 with chunks': [
    ['HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    { kind: 'delivered', status: 204 },
  ],
  '304 with a length': [
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
    { kind: 'retry', reason: 'NotModified', status: 304 },
  ],
};

const OTHERWISE: Record<string, readonly [RawStep[], object]> = {
  '503 and the end in the middle of its body': [
    ['HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 20\r\n\r\nno', 'END'],
    { kind: 'retry', reason: 'ServiceUnavailable', status: 503, retryAfter: 7000 },
  ],
  '503 with odd headers': [
    ['HTTP/1.1 503\nX Y: a\nRetry-After :\n 7\nContent-Length: 2\n\nno'],
    { kind: 'retry', reason: 'ServiceUnavailable', status: 503, retryAfter: 7000 },
  ],
  '400 and a reset in the middle of its body': [
    ['HTTP/1.1 400 No\r\nContent-Length: 20\r\n\r\nno', 'RESET'],
    { kind: 'rejected', reason: 'BadRequest', status: 400 },
  ],
  'status 600': [[`HTTP/1.1 600 X\r\n${LENGTH}\r\nno`], { kind: 'retry', reason: 'Status600', status: 600 }],
  'status 999': [[`HTTP/1.1 999 X\r\n${LENGTH}\r\nno`], { kind: 'retry', reason: 'Status999', status: 999 }],
};

const INVALID: Record<string, readonly RawStep[]> = {
  'status 000': [`HTTP/1.1 000 X\r\n${LENGTH}\r\nno`],
  'status 099': [`HTTP/1.1 099 X\r\n${LENGTH}\r\nno`],
  'a status of two digits': [`HTTP/1.1 20 X\r\n${LENGTH}\r\nno`],
  'a status of four digits': [`HTTP/1.1 2000 X\r\n${LENGTH}\r\nno`],
  'a status of letters': [`HTTP/1.1 2xx X\r\n${LENGTH}\r\nno`],
  '101 without a word': ['HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  '101 to another protocol': [
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n\x00\x00\x12\x04',
  ],
  '101 after 100': [`${CONTINUE}HTTP/1.1 101 Switching Protocols\r\n\r\n`],
  'a web page': ['<html></html>\r\n\r\n', 'END'],
  SSH: ['SSH-2.0-OpenSSH_9.2\r\n'],
  'an alert of TLS': ['\x15\x03\x01\x00\x02\x02\x46'],
  'frames of HTTP/2': ['\x00\x00\x12\x04\x00\x00\x00\x00\x00'],
  'a request': ['POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n'],
  'a mark of the byte order': [`\xef\xbb\xbf${OK}`],
  'headers without an end': ['HTTP/1.1 200 OK\r\n', `X-A: ${'a'.repeat(300_000)}`],
  'line ends without end': Array.from({ length: 300 }, () => '\r\n'.repeat(500)),
};

describe('odd answers', () => {
  let server: RawServer | undefined;
  let caller: HttpCaller | undefined;

  afterEach(async () => {
    await server?.close();
    await caller?.close();
  });

  async function start(options: RawServerOptions): Promise<(body?: Buffer, signal?: AbortSignal) => Promise<Outcome>> {
    server = await startRawServer(options);
    const made = createHttpCaller({ url: `http://127.0.0.1:${server.port}`, peer: 'The function', maxConnections: 1 });
    caller = made;
    const never = new AbortController().signal;
    return async (body = Buffer.from('a'), signal = never) => (await made.post([], body, signal))[0];
  }

  const answering = (steps: readonly RawStep[]) =>
    start({ complete: (connection) => void writeRaw(connection, steps) });

  for (const [what, steps] of Object.entries(DELIVERED)) {
    it(`deliver with ${what}`, async () => {
      const post = await answering(steps);

      for (let i = 0; i < 3; i++) expect(await post()).to.deep.equal({ kind: 'delivered', status: 200 });
    });
  }

  for (const [what, [steps, outcome]] of Object.entries({ ...WITHOUT_BODY, ...OTHERWISE })) {
    it(`are understood by their status: ${what}`, async () => {
      const post = await answering(steps);

      for (let i = 0; i < 3; i++) expect(await post()).to.include(outcome);
    });
  }

  for (const [what, steps] of Object.entries(INVALID)) {
    it(`are invalid: ${what}`, async () => {
      const post = await answering(steps);

      for (let i = 0; i < 2; i++) {
        const outcome = await post();
        expect(outcome).to.include({ kind: 'retry', reason: 'InvalidAnswer' });
        expect(outcome)
          .to.have.property('message')
          .that.matches(/^The function [a-zA-Z0-9 ,./']+$/)
          .and.not.matches(/ERR_|UND_|assert/i);
      }
    });
  }

  for (const what of [
    '100 Continue in a segment of its own',
    'several interim answers',
    'bare line feeds',
    'a length twice',
    'HTTP/1.0 with keep-alive',
    'a header over two lines',
  ]) {
    it(`leave the connection open after ${what}`, async () => {
      const post = await answering(DELIVERED[what] ?? expect.fail('no such row'));

      for (let i = 0; i < 3; i++) await post();

      expect(server?.accepted).to.equal(1);
    });
  }

  it('redirect to a Location among odd headers', async () => {
    const places: string[] = [];
    const post = await start({
      complete: (connection, nth) => {
        places.push(String(nth));
        const redirect = 'HTTP/1.1 307\nX Y: \x01\nLocation : /there\nContent-Length: 0\n\n';
        void writeRaw(connection, [nth === 1 ? redirect : OK]);
      },
    });

    expect(await post()).to.deep.equal({ kind: 'delivered', status: 200 });
    expect(places).to.deep.equal(['1', '2']);
  });

  for (const [status, kind] of [
    ['200 OK', 'delivered'],
    ['413 Payload Too Large', 'rejected'],
  ] as const) {
    it(`count when ${status} comes before the body was read, and the connection is closed`, async () => {
      const post = await start({
        begun: ({ socket }) => {
          socket.pause();
          socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
        },
      });

      for (let i = 0; i < 3; i++) expect(await post(Buffer.alloc(20_000_000))).to.include({ kind });
    });
  }

  it('count by their status when the time is up in the middle of the body', async () => {
    for (const reason of [new DeadlineError('late'), new DOMException('late', 'TimeoutError')]) {
      const written = Promise.withResolvers<void>();
      const post = await start({
        complete: (connection) =>
          void writeRaw(connection, ['HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok']).then(written.resolve),
      });
      const controller = new AbortController();
      const outcome = post(Buffer.from('a'), controller.signal);
      await written.promise;

      controller.abort(reason);

      expect(await outcome).to.deep.equal({ kind: 'delivered', status: 200 });
      await server?.close();
    }
  });
});
