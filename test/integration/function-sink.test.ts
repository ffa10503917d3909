import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect } from 'chai';
import type { Trigger } from '../../api/trigger.ts';
import type { Outcome } from '../../dispatcher/outcome.ts';
import { createFunctionSink, type FunctionSinkOptions } from '../../dispatcher/sinks/function/function-sink.ts';
import type { Sink } from '../../dispatcher/sinks/sink.ts';
import { createCertificate } from '../support/certificate.ts';
import { freePort } from '../support/free-port.ts';
import {
  answer,
  close,
  closeMidBody,
  type FunctionServer,
  hang,
  inParts,
  redirect,
  reset,
  startFunctionServer,
} from '../support/function-server.ts';
import { aRecord, aTrigger } from '../support/records.ts';
import { waitFor } from '../support/wait-for.ts';

describe('function sink', () => {
  const servers: FunctionServer[] = [];
  const sinks: Sink[] = [];
  const never = new AbortController().signal;

  async function start(options?: Parameters<typeof startFunctionServer>[0]): Promise<FunctionServer> {
    const server = await startFunctionServer(options);
    servers.push(server);
    return server;
  }

  function connect(url: string, fields: Partial<Trigger> = {}, options: Partial<FunctionSinkOptions> = {}): Sink {
    const sink = createFunctionSink({ trigger: aTrigger(url, fields), ...options });
    sinks.push(sink);
    return sink;
  }

  async function sendOne(sink: Sink, record = aRecord(), signal = never): Promise<Outcome> {
    const [outcome] = await sink.send([record], signal);
    if (outcome === undefined) {
      throw new Error('no outcome');
    }
    return outcome;
  }

  function atMost(maxInFlight: number): Partial<Trigger> {
    return { delivery: { ...aTrigger('').delivery, maxInFlight } };
  }

  afterEach(async () => {
    await Promise.all(sinks.splice(0).map((sink) => sink.close()));
    const started = servers.splice(0);
    await Promise.all(started.map((server) => server.close()));
    for (const server of started) {
      server.assertCloudEvents();
    }
  });

  describe('the request', () => {
    it('is a POST of the payload as it is, with the headers of the original', async () => {
      const server = await start();
      const payload = Buffer.from(' {"order": 1}\n');

      const outcome = await sendOne(connect(`${server.url}/a/b?c=d&e`), aRecord({ payload, key: 'customer 7' }));

      expect(outcome).to.deep.equal({ kind: 'delivered', status: 204 });
      const [request] = server.requests;
      expect(request).to.include({ method: 'POST', url: '/a/b?c=d&e' });
      expect(request?.body.equals(payload)).to.equal(true);
      expect(request?.headers).to.include({
        host: `127.0.0.1:${server.port}`,
        'content-type': 'application/json',
        'content-length': String(payload.length),
        'event-type': 'application/json',
        'event-namespace': 'shop',
        'event-name': 'orders',
        'event-id': 'persistent://public/default/orders/12:345:0',
        'event-time': '2020-05-07 01:32:02+00:00',
        'ce-specversion': '1.0',
        'ce-source': 'persistent://public/default/orders',
        'ce-partitionkey': 'customer%207',
      });
      expect(request?.headers).not.to.have.property('authorization');
    });

    for (const [what, payload, type] of [
      ['empty', Buffer.alloc(0), 'application/x-www-form-urlencoded'],
      ['not UTF-8', Buffer.from([0xff, 0x00, 0xfe, 0x0a]), 'application/octet-stream'],
      ['5,000,000 bytes long', Buffer.alloc(5_000_000, 'x'), 'application/x-www-form-urlencoded'],
    ] as const) {
      it(`carries a payload that is ${what}`, async () => {
        const server = await start();

        expect(await sendOne(connect(server.url), aRecord({ payload }))).to.include({ kind: 'delivered' });

        expect(server.requests[0]?.body.equals(payload)).to.equal(true);
        expect(server.requests[0]?.headers).to.include({ 'content-type': type });
        expect(server.requests[0]?.headers).to.include({ 'content-length': String(payload.length) });
      });
    }

    it('carries keys and properties with emoji, line ends and 20 KiB', async () => {
      const server = await start();
      const long = 'ä'.repeat(10 * 1024);
      const sink = connect(server.url);

      await sendOne(sink, aRecord({ key: '🔑\r\nx: y', attributes: { city: 'Zürich\r\n', 'a b': '1', long } }));
      await sendOne(sink, aRecord({ key: long, attributes: { 'ce-id': long, 'ce-time': 'yesterday', a: '1' } }));

      const [first, second] = server.requests;
      expect(first?.headers).to.include({
        'ce-partitionkey': '%F0%9F%94%91%0D%0Ax:%20y',
        'pulsar-property-city': 'Z%C3%BCrich%0D%0A',
        'event-truncated': 'true',
      });
      expect(second?.headers).to.include({ 'pulsar-property-a': '1', 'event-truncated': 'true' });
      expect(second?.headers).not.to.have.property('ce-partitionkey');
      expect(second?.headers['ce-id']).to.equal(aRecord().id);
    });

    it('sends the user info of the URL as Basic authorization', async () => {
      const server = await start();

      await sendOne(connect(`http://us%40er:p%3Ass%@127.0.0.1:${server.port}/`));

      expect(server.requests[0]?.headers.authorization).to.equal(
        `Basic ${Buffer.from('us@er:p%3Ass%').toString('base64')}`,
      );
      expect(server.requests[0]?.headers.host).to.equal(`127.0.0.1:${server.port}`);
    });

    it('reaches an IPv6 address', async () => {
      const server = await start({ host: '::1' });

      expect(await sendOne(connect(server.url))).to.include({ kind: 'delivered' });
      expect(server.requests[0]?.headers.host).to.equal(`[::1]:${server.port}`);
    });

    it('goes over https to a server with a certificate that is trusted, and to no other', async () => {
      const tls = createCertificate();
      const server = await start({ tls });

      expect(await sendOne(connect(server.url, {}, { ca: [tls.cert] }))).to.include({ kind: 'delivered' });
      const refused = await sendOne(connect(server.url));
      expect(refused).to.include({ kind: 'retry', reason: 'TlsFailed' });
      expect(server.requests).to.have.length(1);
    });
  });

  describe('the answer', () => {
    it('is understood by its status', async () => {
      const server = await start();
      const sink = connect(server.url);
      const kinds: Record<string, string> = {};
      for (const status of [200, 201, 204, 226, 301, 303, 304, 400, 404, 408, 413, 429, 500, 503, 599]) {
        server.respond(() => answer(status));
        kinds[status] = (await sendOne(sink)).kind;
      }

      const { delivered = [], retry = [], rejected = [] } = Object.groupBy(Object.keys(kinds), (s) => kinds[s] ?? '');
      expect(delivered).to.deep.equal(['200', '201', '204', '226']);
      expect(retry).to.deep.equal(['301', '303', '304', '404', '408', '429', '500', '503', '599']);
      expect(rejected).to.deep.equal(['400', '413']);
    });

    it('tells how long to wait', async () => {
      const server = await start();
      server.respond(() => answer(503, { 'retry-after': '7' }));

      expect(await sendOne(connect(server.url))).to.include({ reason: 'ServiceUnavailable', retryAfter: 7000 });
    });

    it('comes after early hints', async () => {
      const server = await start();
      server.respond(() => (response) => {
        response.writeEarlyHints({ link: '</style.css>; rel=preload' });
        response.writeHead(500).end();
      });

      expect(await sendOne(connect(server.url))).to.include({ kind: 'retry', status: 500 });
    });

    it('is read to 64 KiB, after which its connection is closed and the status counts', async () => {
      const server = await start();
      const sink = connect(server.url);
      async function* endless() {
        for (;;) {
          yield Buffer.alloc(16 * 1024);
        }
      }
      server.respond(() => inParts(200, endless()));

      expect(await sendOne(sink)).to.deep.equal({ kind: 'delivered', status: 200 });
      await waitFor(() => server.open === 0, { what: 'the connection to be closed' });
      server.respond(() => answer(200, {}, Buffer.alloc(60 * 1024)));
      await sendOne(sink);
      await sendOne(sink);
      expect(server.accepted).to.equal(2);
    });

    for (const [what, reply, reason] of [
      ['reset', reset, 'ConnectionReset'],
      ['closed', close, 'ConnectionClosed'],
    ] as const) {
      it(`counts as none when the connection is ${what} before it, and the next record gets a new one`, async () => {
        const server = await start();
        const sink = connect(server.url);
        await sendOne(sink);
        server.respond(() => reply);

        expect(await sendOne(sink)).to.include({ kind: 'retry', reason });
        server.respond(() => answer(200));
        expect(await sendOne(sink)).to.include({ kind: 'delivered' });
      });
    }

    it('counts when it ends before its content-length: its status has come', async () => {
      const server = await start();
      server.respond(() => closeMidBody);

      expect(await sendOne(connect(server.url))).to.deep.equal({ kind: 'delivered', status: 200 });
    });

    it('counts as none when it is not HTTP', async () => {
      const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      // A server that listens on a port has an AddressInfo.
      const { port } = server.address() as AddressInfo;

      expect(await sendOne(connect(`http://127.0.0.1:${port}`))).to.include({ kind: 'retry', reason: 'InvalidAnswer' });
      server.close();
    });

    it('says where nothing listens, without the user info of the URL', async () => {
      const port = await freePort();

      const outcome = await sendOne(connect(`http://me:secret@127.0.0.1:${port}/`));

      expect(outcome).to.deep.equal({
        kind: 'retry',
        reason: 'ConnectionRefused',
        message: `The function refused the connection (127.0.0.1:${port})`,
      });
    });

    it('says that a host name is unknown', async () => {
      const outcome = await sendOne(connect('http://me:secret@no-such-function.invalid/'));

      expect(outcome).to.have.property('reason').that.is.oneOf(['NameNotFound', 'NameLookupFailed']);
      expect(JSON.stringify(outcome)).not.to.contain('secret');
    });
  });

  describe('redirects', () => {
    it('follows 307 and 308 with the same body and headers', async () => {
      const server = await start();
      const target = await start();
      const steps: Record<string, string> = { '/': '/b?c', '/b?c': `${target.url}/d` };
      server.respond(({ url }) => redirect(url === '/' ? 307 : 308, steps[url] ?? '/nowhere'));

      expect(await sendOne(connect(server.url))).to.deep.equal({ kind: 'delivered', status: 204 });

      expect(server.requests.map(({ url }) => url)).to.deep.equal(['/', '/b?c']);
      expect(target.requests.map(({ url }) => url)).to.deep.equal(['/d']);
      expect(target.requests[0]?.body).to.deep.equal(aRecord().payload);
      expect(target.requests[0]?.headers['event-id']).to.equal(aRecord().id);
    });

    it('sends the authorization to no other origin, also not one that the answer names', async () => {
      const server = await start();
      const target = await start();
      server.respond(({ url }) => redirect(307, url === '/' ? '/again' : `http://other:one@127.0.0.1:${target.port}/`));

      await sendOne(connect(`http://me:secret@127.0.0.1:${server.port}/`));

      expect(server.requests.map(({ headers }) => headers.authorization !== undefined)).to.deep.equal([true, true]);
      expect(target.requests).to.have.length(1);
      expect(target.requests[0]?.headers).not.to.have.property('authorization');
    });

    it('gives up after five', async () => {
      const server = await start();
      server.respond(() => redirect(307, '/loop'));

      const outcome = await sendOne(connect(server.url));

      expect(outcome).to.include({ kind: 'retry', reason: 'TooManyRedirects', status: 307 });
      expect(server.requests).to.have.length(6);
    });

    for (const location of ['ftp://127.0.0.1/', 'http://', undefined]) {
      it(`retries when ${location ?? 'nothing'} is where to go`, async () => {
        const server = await start();
        server.respond(() => answer(308, location === undefined ? {} : { location }));

        expect(await sendOne(connect(server.url))).to.include({ kind: 'retry', reason: 'PermanentRedirect' });
      });
    }

    it('does not follow 302, which would make a GET of the POST', async () => {
      const server = await start();
      server.respond(() => redirect(302, '/elsewhere'));

      expect(await sendOne(connect(server.url))).to.include({ kind: 'retry', reason: 'Found', status: 302 });
      expect(server.requests).to.have.length(1);
    });
  });

  describe('abort', () => {
    async function rejection(promise: Promise<unknown>): Promise<unknown> {
      try {
        await promise;
      } catch (reason) {
        return reason;
      }
      throw new Error('it was resolved');
    }

    it('rejects at once with the reason and cuts the request', async () => {
      const server = await start();
      server.respond(() => hang);
      const sink = connect(server.url);
      const controller = new AbortController();
      const sending = sendOne(sink, aRecord(), controller.signal);
      await waitFor(() => server.requests.length === 1, { what: 'the request' });
      const reason = new Error('enough');

      controller.abort(reason);

      expect(await rejection(sending)).to.equal(reason);
      await waitFor(() => server.open === 0, { what: 'the connection to be cut' });
      server.respond(() => answer(200));
      expect(await sendOne(sink)).to.include({ kind: 'delivered' });
    });

    it('works in the middle of an answer', async () => {
      const server = await start();
      let begun = false;
      server.respond(() => (response) => {
        begun = true;
        response.writeHead(200).write('a part');
      });
      const controller = new AbortController();
      const sending = sendOne(connect(server.url), aRecord(), controller.signal);
      await waitFor(() => begun, { what: 'the answer to begin' });

      controller.abort('a text');

      expect(await rejection(sending)).to.equal('a text');
      await waitFor(() => server.open === 0, { what: 'the connection to be cut' });
    });

    it('works before the connection stands, and while waiting for one', async () => {
      // A backlog that is never accepted isn't to be had portably: the kernel completes the connection, TLS doesn't.
      const silent = createServer(() => {}).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      // A server that listens on a port has an AddressInfo.
      const { port } = silent.address() as AddressInfo;
      const sink = connect(`https://127.0.0.1:${port}`, atMost(1));
      const controllers = [new AbortController(), new AbortController()];

      const sending = controllers.map(({ signal }) => rejection(sendOne(sink, aRecord(), signal)));
      await waitFor(() => new Promise((resolve) => silent.getConnections((_error, count) => resolve(count === 1))), {
        what: 'the connection',
      });
      for (const controller of controllers) controller.abort('enough');

      expect(await Promise.all(sending)).to.deep.equal(['enough', 'enough']);
      silent.close();
    });

    it('sends nothing when it came first', async () => {
      const server = await start();

      expect(await rejection(sendOne(connect(server.url), aRecord(), AbortSignal.abort('before')))).to.equal('before');
      expect(server.accepted).to.equal(0);
    });

    it('listens once to a signal that many calls use in turn, and tells none of those that ended', async () => {
      const server = await start();
      const sink = connect(server.url);
      const controller = new AbortController();
      let listeners = 0;
      const add = controller.signal.addEventListener.bind(controller.signal);
      controller.signal.addEventListener = (...args: Parameters<typeof add>) => {
        listeners += 1;
        add(...args);
      };

      for (const _ of [1, 2, 3]) await sendOne(sink, aRecord(), controller.signal);
      controller.abort('too late for these');

      expect(listeners).to.equal(1);
      expect(await sendOne(sink)).to.include({ kind: 'delivered' });
    });

    it('ends all calls that share a signal', async () => {
      const server = await start();
      server.respond(() => hang);
      const controller = new AbortController();

      const sending = [connect(server.url), connect(server.url)].map((sink) =>
        rejection(sendOne(sink, aRecord(), controller.signal)),
      );
      await waitFor(() => server.requests.length === 2, { what: 'both requests' });
      controller.abort('enough');

      expect(await Promise.all(sending)).to.deep.equal(['enough', 'enough']);
    });
  });

  describe('connections', () => {
    it('are used again, and never more than maxInFlight', async () => {
      const server = await start();
      const sink = connect(server.url, atMost(3));

      const outcomes = await Promise.all(Array.from({ length: 50 }, () => sendOne(sink)));

      expect(outcomes.every(({ kind }) => kind === 'delivered')).to.equal(true);
      expect(server.accepted).to.be.within(1, 3);
    });

    it('take one request at a time', async () => {
      const server = await start();
      const busy = new Set<number>();
      let overlaps = 0;
      server.respond(async ({ connection }) => {
        overlaps += busy.has(connection) ? 1 : 0;
        busy.add(connection);
        await new Promise((resolve) => setImmediate(resolve));
        busy.delete(connection);
        return answer(200);
      });
      const sink = connect(server.url, atMost(4));

      await Promise.all(Array.from({ length: 100 }, () => sendOne(sink)));

      expect(overlaps).to.equal(0);
    });

    it('are renewed when they come of age, without cutting a request', async () => {
      const server = await start();
      server.respond(async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return answer(200, {}, 'some answer');
      });
      const sink = connect(server.url, atMost(4), { maxConnectionAge: 20 });
      const kinds = new Set<string>();
      const lane = async () => {
        while (server.accepted < 20) {
          kinds.add((await sendOne(sink)).kind);
        }
      };

      await Promise.all([lane(), lane(), lane(), lane()]);

      expect([...kinds]).to.deep.equal(['delivered']);
      expect(server.requests.length).to.be.greaterThan(server.accepted);
      expect(server.open).to.be.at.most(4);
    });

    it('are kept while they are young', async () => {
      const server = await start();
      const sink = connect(server.url, atMost(1), { maxConnectionAge: 60_000 });

      for (let i = 0; i < 200; i++) {
        await sendOne(sink);
      }

      expect(server.accepted).to.equal(1);
    });

    it('are made anew after the function restarted', async () => {
      const before = await start();
      const sink = connect(before.url);
      await sendOne(sink);
      await before.close();
      expect(await sendOne(sink)).to.include({ kind: 'retry' });

      const after = await start({ port: before.port });

      expect(await sendOne(sink)).to.include({ kind: 'delivered' });
      expect(after.requests).to.have.length(1);
    });
  });

  it('finishes what runs when it is closed', async () => {
    const server = await start();
    const reply = Promise.withResolvers<void>();
    server.respond(async () => {
      await reply.promise;
      return answer(200);
    });
    const sink = connect(server.url, atMost(1));
    const sending = Promise.all([sendOne(sink), sendOne(sink)]);
    await waitFor(() => server.requests.length === 1, { what: 'the request' });

    const closing = Promise.all([sink.close(), sink.close()]);
    reply.resolve();

    expect((await sending).map(({ kind }) => kind)).to.deep.equal(['delivered', 'delivered']);
    await closing;
    await waitFor(() => server.open === 0, { what: 'the connection to be closed' });
  });

  it('sends several records in their order and stops at the first failure', async () => {
    const server = await start();
    server.respond(({ headers }) => answer(headers['event-id'] === 'b' ? 500 : 200));

    const records = ['a', 'b', 'c'].map((id) => aRecord({ id }));
    const outcomes = await connect(server.url).send(records, never);

    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['delivered', 'retry', 'retry']);
    expect(server.requests.map(({ headers }) => headers['event-id'])).to.deep.equal(['a', 'b']);
  });
});
