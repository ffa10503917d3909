/** Calls of functions and dead letters through an HTTP proxy. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import type { Trigger } from '../../api/trigger.ts';
import type { ProxySettings } from '../../common/proxy.ts';
import { createDeadLetterSink } from '../../dispatcher/sinks/dead-letter/dead-letter-sink.ts';
import { createFunctionSink } from '../../dispatcher/sinks/function/function-sink.ts';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { usePulsar } from '../servers/pulsar/shared.ts';
import { createCertificate } from '../support/certificate.ts';
import { startDispatcherProcess } from '../support/dispatcher-process.ts';
import { type ForwardProxy, startForwardProxy } from '../support/forward-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { answer, type FunctionServer, redirect, startFunctionServer } from '../support/function-server.ts';
import { publish } from '../support/pulsar-producer.ts';
import { aRecord, aTrigger } from '../support/records.ts';
import { OPTIONS, parts } from '../support/rendered.ts';
import { waitFor } from '../support/wait-for.ts';

const HOST = 'billing.example';
const never = new AbortController().signal;

describe('a function behind a proxy', () => {
  const closing: (() => Promise<unknown>)[] = [];
  const tls = createCertificate(`DNS:${HOST}`);

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function start(options?: Parameters<typeof startFunctionServer>[0]): Promise<FunctionServer> {
    const server = await startFunctionServer(options);
    closing.push(() => server.close());
    return server;
  }

  async function startProxy(options?: Parameters<typeof startForwardProxy>[0]): Promise<ForwardProxy> {
    const proxy = await startForwardProxy(options);
    closing.push(proxy.close);
    return proxy;
  }

  function connect(url: string, proxy: ProxySettings, fields: Partial<Trigger> = {}) {
    const sink = createFunctionSink({ trigger: aTrigger(url, fields), ca: [tls.cert], proxy });
    closing.push(() => sink.close());
    return async (signal = never) => (await sink.send([aRecord()], signal))[0];
  }

  const both = ({ url }: ForwardProxy): ProxySettings => ({ http: url, https: url });

  it('is called at its whole URL, with its own host, over kept connections', async () => {
    const [server, proxy] = [await start(), await startProxy({ credentials: 'me:p%40ss' })];
    const send = connect(`http://${HOST}:${server.port}/path?a=b`, { http: proxy.url.replace('p%40ss', 'p%2540ss') });
    for (let calls = 0; calls < 3; calls += 1) expect(await send()).to.include({ kind: 'delivered' });
    expect(proxy.asked).to.deep.equal(Array(3).fill(`POST http://${HOST}:${server.port}/path?a=b`));
    const [request] = server.requests;
    expect(request?.headers).to.include({ host: `${HOST}:${server.port}`, 'ce-id': aRecord().id });
    expect(request?.headers).not.to.have.any.keys('proxy-authorization', 'authorization');
    expect(request?.body.toString()).to.equal(aRecord().payload.toString());
  });

  it('is called in a tunnel where it speaks TLS, and has to be itself', async () => {
    const [server, proxy] = [await start({ tls }), await startProxy()];
    const send = connect(`https://${HOST}:${server.port}/`, both(proxy));
    for (let calls = 0; calls < 3; calls += 1) expect(await send()).to.include({ kind: 'delivered' });
    expect(proxy.asked).to.deep.equal([`CONNECT ${HOST}:${server.port}`]);
    const other = connect(`https://other.example:${server.port}/`, both(proxy));
    expect(await other()).to.include({ kind: 'retry', reason: 'TlsFailed' });
  });

  it('is called many times at once, each on a connection of its own', async () => {
    const [server, proxy] = [await start({ tls }), await startProxy()];
    const send = connect(`https://${HOST}:${server.port}/`, both(proxy));
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => send()));
    expect(outcomes.filter((outcome) => outcome?.kind === 'delivered')).to.have.length(100);
    expect(proxy.asked.length).to.be.within(2, 32);
  });

  it('is called without the proxy where NO_PROXY has it, or where it is this machine', async () => {
    const [server, proxy] = [await start(), await startProxy()];
    expect(await connect(server.url, both(proxy))()).to.include({ kind: 'delivered' });
    expect(await connect(`http://localhost:${server.port}`, both(proxy))()).to.include({ kind: 'delivered' });
    const absent = connect(`http://${HOST}:${server.port}`, { ...both(proxy), noProxy: '.example' });
    expect(await absent())
      .to.include({ kind: 'retry' })
      .and.not.include({ reason: 'ProxyFailed' });
    expect(proxy.asked).to.deep.equal([]);
  });

  it('redirects through the proxy, from http to https and back', async () => {
    const [plain, secure, proxy] = [await start(), await start({ tls }), await startProxy()];
    plain.respond(({ url }) => (url === '/' ? redirect(307, `https://${HOST}:${secure.port}/`) : answer(204)));
    secure.respond(() => redirect(308, `http://${HOST}:${plain.port}/done`));
    expect(await connect(`http://${HOST}:${plain.port}/`, both(proxy))()).to.include({ kind: 'delivered' });
    expect(proxy.asked).to.deep.equal([
      `POST http://${HOST}:${plain.port}/`,
      `CONNECT ${HOST}:${secure.port}`,
      `POST http://${HOST}:${plain.port}/done`,
    ]);
  });

  it('has a dead letter behind it, too', async () => {
    const [server, proxy] = [await start(), await startProxy()];
    const url = `http://${HOST}:${server.port}/dead`;
    const sink = createDeadLetterSink({ trigger: aTrigger(url), url, proxy: both(proxy) });
    closing.push(() => sink.close());
    const failure = { reason: 'BadRequest', message: 'no', attempts: 1 };
    expect(await sink.store(aRecord(), failure, never)).to.include({ kind: 'delivered' });
    expect(proxy.asked).to.deep.equal([`POST ${url}`]);
  });

  for (const scheme of ['http', 'https'] as const) {
    it(`keeps its records where the proxy refuses a call of ${scheme}:, without telling the password`, async () => {
      const proxy = await startProxy({ credentials: 'me:pass' });
      const wrong = { [scheme]: proxy.url.replace('pass', 'wrong') };
      const outcome = await connect(`${scheme}://${HOST}:1/`, wrong)();
      expect(outcome).to.include({ kind: 'retry', reason: 'ProxyFailed' });
      expect(outcome)
        .to.have.property('message')
        .that.matches(/^The proxy 127\.0\.0\.1:\d+ answered 407: set HTTP_PROXY/);
      expect(JSON.stringify(outcome)).not.to.include('wrong');
    });

    it(`names the proxy where it can't be reached for ${scheme}:`, async () => {
      const port = await freePort();
      const outcome = await connect(`${scheme}://${HOST}:1/`, { [scheme]: `http://me:pass@127.0.0.1:${port}` })();
      expect(outcome).to.include({ kind: 'retry', reason: 'ProxyFailed' });
      expect(outcome).to.have.property('message').that.includes(`The proxy 127.0.0.1:${port} can't be used: connect`);
    });

    it(`ends a call of ${scheme}: at once when it is aborted while the proxy says nothing`, async () => {
      const mute = await startMute();
      const aborting = new AbortController();
      const send = connect(`${scheme}://${HOST}:1/`, { [scheme]: `http://127.0.0.1:${mute.port}` });
      const outcome = send(aborting.signal).catch((reason) => reason);
      await once(mute.server, 'connection');
      const why = new Error('stop');
      aborting.abort(why);
      expect(await outcome).to.equal(why);
    });
  }

  async function startMute(): Promise<{ readonly port: number; readonly server: Server }> {
    const port = await freePort();
    const server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      closing.push(async () => socket.destroy());
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    closing.push(async () => server.close());
    return { port, server };
  }
});

describe('a dispatcher with the proxy of the controller', function () {
  this.timeout(60_000);
  const pulsar = usePulsar();

  it('calls its function through it, and the broker without', async () => {
    const [server, proxy] = [await startFunctionServer(), await startForwardProxy()];
    const topic = `proxy-${randomUUID()}`;
    await pulsarAdmin(pulsar()).createTopic(topic);
    const { container } = parts(
      {
        pulsar: {
          topic: `persistent://public/default/${topic}`,
          broker: pulsar().wsUrl,
          'auth-token': pulsar().adminToken,
        },
        spec: { kubeless: { function: `http://${HOST}:${server.port}` } },
      },
      { ...OPTIONS, proxy: { http: proxy.url, noProxy: '.svc' } },
    );
    expect(container.env).to.deep.include({ name: 'NO_PROXY', value: '.svc' });
    const env = Object.fromEntries(container.env.map(({ name, value }) => [name, String(value)]));
    const dispatcher = startDispatcherProcess({ env });
    try {
      await dispatcher.ready();
      await publish(pulsar(), topic, [{ payload: 'hello' }]);
      await waitFor(() => server.requests.length === 1, { what: () => `the call\n${dispatcher.output}` });
      expect(proxy.asked).to.deep.equal([`POST http://${HOST}:${server.port}/`]);
    } finally {
      await dispatcher.kill('SIGTERM');
      await proxy.close();
      await server.close();
    }
  });
});
