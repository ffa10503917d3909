/** Connections that the other side closes between two calls, without saying so. */
import { expect } from 'chai';
import { createDeadLetterSink } from '../../dispatcher/sinks/dead-letter/dead-letter-sink.ts';
import { createHttpCaller, type HttpCaller } from '../../dispatcher/sinks/http-caller.ts';
import { createCertificate } from '../support/certificate.ts';
import { freePort } from '../support/free-port.ts';
import {
  type RawConnection,
  type RawServer,
  type RawServerOptions,
  startRawServer,
  writeRaw,
} from '../support/raw-server.ts';
import { aRecord, aTrigger } from '../support/records.ts';
import { waitFor } from '../support/wait-for.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const DELIVERED = { kind: 'delivered', status: 200 };
const HEADERS = ['content-type', 'text/plain'];
const tls = createCertificate();

describe('kept connections', () => {
  const servers: RawServer[] = [];
  const callers: HttpCaller[] = [];
  const never = new AbortController().signal;

  async function start(options: RawServerOptions): Promise<RawServer> {
    const server = await startRawServer(options);
    servers.push(server);
    return server;
  }

  function call(url: string, maxConnections = 1) {
    const caller = createHttpCaller({ url, peer: 'The function', maxConnections, ca: [tls.cert] });
    callers.push(caller);
    return async (body: string | Buffer = 'a', signal = never) => {
      const [outcome] = await caller.post([...HEADERS], Buffer.from(body), signal);
      return outcome;
    };
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await Promise.all(callers.splice(0).map((caller) => caller.close()));
  });

  const answer = ({ socket }: RawConnection) => socket.write(OK);
  /** Answers the first request of each connection, and does this with the next one. */
  const thenDo = (end: (connection: RawConnection) => void, more: RawServerOptions = {}): RawServerOptions => ({
    complete: (connection, nth) => nth === 1 && answer(connection),
    begun: (connection, nth) => nth > 1 && end(connection),
    ...more,
  });
  const finish = ({ socket }: RawConnection) => socket.end();
  const reset = ({ socket }: RawConnection) => socket.resetAndDestroy();

  it('are closed after each answer, and no call fails', async () => {
    const server = await start({ complete: ({ socket }) => socket.end(OK) });
    const post = call(`http://127.0.0.1:${server.port}`);

    for (let i = 0; i < 12; i++) expect(await post()).to.deep.equal(DELIVERED);

    expect(server.accepted).to.equal(12);
  });

  for (const [how, options, body] of [
    ['closed', thenDo(finish), 'a'],
    ['destroyed', thenDo(({ socket }) => socket.destroy()), 'a'],
    ['reset', thenDo(reset), 'a'],
    ['half-closed', thenDo(finish, { allowHalfOpen: true }), 'a'],
    ['closed while a large body is written', thenDo(({ socket }) => socket.destroy()), Buffer.alloc(20_000_000)],
    ['reset while a large body is written', thenDo(reset), Buffer.alloc(20_000_000)],
    ['closed over TLS, with close_notify', thenDo(finish, { tls }), 'a'],
    ['reset over TLS', thenDo(({ socket }) => socket.destroy(), { tls }), 'a'],
    ['ended by bytes that belong to the answer before', thenDo(({ socket }) => socket.write('EXTRA')), 'a'],
  ] as const) {
    it(`are ${how}: the call is made again on a new one`, async () => {
      const server = await start(options);
      const post = call(`${'tls' in options && options.tls ? 'https' : 'http'}://127.0.0.1:${server.port}`);

      expect(await post()).to.deep.equal(DELIVERED);
      for (let i = 0; i < 3; i++) expect(await post(body)).to.deep.equal(DELIVERED);

      expect(server.accepted).to.equal(4);
    });
  }

  it('are all closed at once, and every call goes to a new one rather than to another old one', async () => {
    const server = await start(thenDo(finish));
    const post = call(`http://127.0.0.1:${server.port}`, 8);
    const eight = () => Promise.all(Array.from({ length: 8 }, () => post()));
    await eight();
    const before = server.accepted;

    expect(await eight()).to.deep.equal(Array.from({ length: 8 }, () => DELIVERED));

    expect(server.accepted).to.equal(before + 8);
  });

  it('of a dead letter are no reason to store a record again', async () => {
    const server = await start(thenDo(finish));
    const url = `http://127.0.0.1:${server.port}`;
    const sink = createDeadLetterSink({ trigger: aTrigger(url), url });
    const failure = { reason: 'BadRequest', message: 'no', attempts: 1 };

    for (let i = 0; i < 3; i++) expect(await sink.store(aRecord(), failure, never)).to.deep.equal(DELIVERED);

    await sink.close();
  });

  it('of the target of a redirect are made anew as well', async () => {
    const target = await start(thenDo(reset));
    const location = `Location: http://127.0.0.1:${target.port}/\r\n`;
    const answered = `HTTP/1.1 307 Temporary Redirect\r\n${location}Content-Length: 0\r\n\r\n`;
    const server = await start({ complete: ({ socket }) => socket.write(answered) });
    const post = call(`http://127.0.0.1:${server.port}`);

    for (let i = 0; i < 3; i++) expect(await post()).to.deep.equal(DELIVERED);

    expect([server.accepted, target.accepted]).to.deep.equal([1, 3]);
  });

  it('that are reset just before a call is written cost it nothing', async () => {
    const server = await start({
      complete: (connection) => {
        answer(connection);
        setTimeout(() => reset(connection), 3);
      },
    });
    const post = call(`http://127.0.0.1:${server.port}`);

    for (let nth = 0; nth < 10; nth += 1) {
      expect(await post(), `call ${nth}`).to.deep.equal(DELIVERED);
      // The reset comes while this process is busy, and is seen with the next call.
      for (const end = performance.now() + 20; performance.now() < end; );
      await new Promise(setImmediate);
    }
  });

  it('that are new and closed are failures, tried once', async () => {
    const server = await start({ begun: finish });

    expect(await call(`http://127.0.0.1:${server.port}`)()).to.include({ kind: 'retry', reason: 'ConnectionClosed' });

    expect(server.accepted).to.equal(1);
  });

  it('that end under a call which runs for a while are failures: the function is at work on it', async () => {
    const server = await start({
      complete: (connection, nth) => {
        if (nth === 1) answer(connection);
        else setTimeout(() => finish(connection), 1_200);
      },
    });
    const post = call(`http://127.0.0.1:${server.port}`);
    await post();

    expect(await post()).to.include({ kind: 'retry', reason: 'ConnectionClosed' });

    expect(server.accepted).to.equal(1);
  });

  it('are replaced once: what becomes of the call on the new one counts', async () => {
    const server = await start({
      begun: (connection, nth) => (nth > 1 || connection.number > 1) && finish(connection),
      complete: (connection) => connection.number === 1 && answer(connection),
    });
    const post = call(`http://127.0.0.1:${server.port}`);
    await post();

    expect(await post()).to.include({ kind: 'retry', reason: 'ConnectionClosed' });

    expect(server.accepted).to.equal(2);
  });

  it('whose peer is gone give the reason of the new one', async () => {
    const server = await start({
      complete: answer,
      begun: (connection, nth) => {
        if (nth === 1) return;
        void server.close();
        finish(connection);
      },
    });
    const post = call(`http://127.0.0.1:${server.port}`);
    await post();

    expect(await post()).to.include({ kind: 'retry', reason: 'ConnectionRefused' });
  });

  for (const [what, part] of [
    ['its beginning', 'HTTP/1.1 2'],
    ['an interim answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ] as const) {
    it(`that end after ${what} are failures: the function had the record`, async () => {
      const server = await start({
        complete: (connection, nth) => (nth === 1 ? answer(connection) : void writeRaw(connection, [part, 'END'])),
      });
      const post = call(`http://127.0.0.1:${server.port}`);
      await post();

      expect(await post()).to.include({ kind: 'retry', reason: 'ConnectionClosed' });

      expect(server.accepted).to.equal(1);
    });
  }

  it('can be aborted while the call is made again', async () => {
    const server = await start({
      begun: (connection, nth) => nth > 1 && finish(connection),
      complete: (connection) => connection.number === 1 && answer(connection),
    });
    const post = call(`http://127.0.0.1:${server.port}`);
    await post();
    const controller = new AbortController();
    const second = post('a', controller.signal).catch((reason: unknown) => reason);
    await waitFor(() => server.requests === 3, {
      what: 'the call on the second connection',
    });

    controller.abort('enough');

    expect(await second).to.equal('enough');
    await waitFor(() => server.open === 0, { what: 'the connection to be cut' });
  });

  it('that could not be made leave those who wait for one unharmed', async () => {
    const post = call(`http://127.0.0.1:${await freePort()}`, 1);

    const outcomes = await Promise.all([post(), post(), post()]);

    expect(outcomes.map((outcome) => 'reason' in outcome && outcome.reason)).to.deep.equal([
      ...['ConnectionRefused', 'ConnectionRefused', 'ConnectionRefused'],
    ]);
  });
});
