/** The names that are asked for over TLS, and whom a dispatcher trusts, for all that it connects to. */
import { execFile } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { WebSocketServer } from 'ws';
import { createHttpCaller } from '../../dispatcher/sinks/http-caller.ts';
import { type Certificate, createCertificate } from '../support/certificate.ts';
import { startRawServer, writeRaw } from '../support/raw-server.ts';
import { TLS_CLIENTS } from '../support/tls-clients.ts';

const NAMES = 'DNS:orders.shop.svc.cluster.local,DNS:xn--bcher-kva.example,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1';
const PROBE = fileURLToPath(new URL('../support/tls-probe.ts', import.meta.url));

describe('TLS', () => {
  const certificate = createCertificate(NAMES);
  const lookup = dns.lookup;
  let server: Server | undefined;
  let port: number;
  /** Of each connection; false without one. */
  let asked: unknown[];
  let hosts: (string | undefined)[];

  async function serve(host: string, identity: Certificate = certificate): Promise<void> {
    server = createServer(identity, (request, response) => {
      hosts.push(request.headers.host);
      const answers: Record<string, object> = {
        '/admin/v2/persistent/public/default/t/partitions': { partitions: 0 },
        '/admin/v2/persistent/public/default/t/stats': { subscriptions: { s: { msgBacklog: 3 } } },
      };
      request.resume().on('end', () => response.end(JSON.stringify(answers[request.url ?? ''] ?? {})));
    });
    server.on('secureConnection', (socket: TLSSocket & { servername?: unknown }) => asked.push(socket.servername));
    new WebSocketServer({ server });
    server.listen(0, host);
    await once(server, 'listening');
    // A server that listens on a port has an AddressInfo.
    ({ port } = server.address() as AddressInfo);
  }

  beforeEach(() => {
    [asked, hosts] = [[], []];
  });
  afterEach(() => {
    dns.lookup = lookup;
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  /** Every name is this machine's. */
  function resolveAll(): void {
    const resolved = (_name: string, ...rest: unknown[]) => Reflect.apply(lookup, dns, ['127.0.0.1', ...rest]);
    dns.lookup = Object.assign(resolved, { __promisify__: lookup.__promisify__ });
  }

  for (const [name, connect] of Object.entries(TLS_CLIENTS)) {
    for (const [host, servername] of [
      ['orders.shop.svc.cluster.local', 'orders.shop.svc.cluster.local'],
      ['orders.shop.svc.cluster.local.', 'orders.shop.svc.cluster.local'],
      ['Orders.SHOP.svc.cluster.local.', 'orders.shop.svc.cluster.local'],
      ['bücher.example.', 'xn--bcher-kva.example'],
      ['127.0.0.1', false],
      ['[::1]', false],
    ] as const) {
      it(`asks the ${name} at ${host} for ${servername || 'no name'}`, async () => {
        await serve(host === '[::1]' ? '::1' : '127.0.0.1');
        if (servername) resolveAll();

        expect(await connect(`${host}:${port}`, certificate.cert)).to.equal('ok');

        expect(new Set(asked)).to.deep.equal(new Set([servername]));
      });
    }

    it(`takes no certificate of another name from the ${name}`, async () => {
      await serve('127.0.0.1');
      resolveAll();

      expect(await connect(`other.shop.svc.cluster.local.:${port}`, certificate.cert)).to.match(
        /ERR_TLS_CERT_ALTNAME_INVALID|is for another host name/,
      );
    });
  }

  it('asks the target of a redirect for its name without a dot, and keeps the dot in Host', async () => {
    await serve('127.0.0.1');
    resolveAll();
    const target = `orders.shop.svc.cluster.local.:${port}`;
    server?.prependOnceListener('request', (_request, response) => {
      response.writeHead(307, { location: `https://${target}/there` });
    });
    const url = `https://127.0.0.1:${port}/`;
    const caller = createHttpCaller({ url, peer: 'The function', maxConnections: 1, ca: [certificate.cert] });

    const [outcome] = await caller.post([], Buffer.from('a'), AbortSignal.timeout(20_000));

    expect(outcome).to.include({ kind: 'delivered' });
    expect(asked).to.deep.equal([false, 'orders.shop.svc.cluster.local']);
    expect(hosts).to.deep.equal([`127.0.0.1:${port}`, target]);
    await caller.close();
  });

  describe('that fails names what to do', () => {
    const plainPort = /speaks no TLS at this port( \(ERR_SSL_\w+\))?: write (ws|http):\/\//;
    const tlsPort = /if its port speaks TLS, write https:\/\/|wss:\/\/ where that port speaks TLS/;
    const unknownAuthority =
      /unknown authority .*NODE_EXTRA_CA_CERTS|tls\.caSecret, or a PEM file of it in NODE_EXTRA_CA/;
    const otherName = /for another host name.*: use (a name of the certificate|that name)/;
    const other = createCertificate('DNS:other.example');

    it('for a function that has answered without TLS: nothing', async () => {
      let now = 0;
      const raw = await startRawServer({
        complete: (connection, nth) => {
          now += 60_000;
          void writeRaw(connection, nth === 1 ? ['HTTP/1.1 204 No Content\r\n\r\n'] : ['RESET']);
        },
      });
      const url = `http://127.0.0.1:${raw.port}/`;
      const options = { url, peer: 'The function', maxConnections: 1, maxConnectionAge: 1e9, now: () => now };
      const caller = createHttpCaller(options);
      const call = async () => (await caller.post([], Buffer.from('a'), AbortSignal.timeout(20_000)))[0];

      expect(await call()).to.include({ kind: 'delivered' });
      const broken = await call();
      expect(broken)
        .to.have.property('reason')
        .that.matches(/^Connection(Reset|Closed)$/);
      expect(broken).to.have.property('message').that.does.not.match(tlsPort);
      expect(raw.accepted).to.equal(1);
      await caller.close();
      await raw.close();
    });

    /** Whatever it is told, the port speaks neither TLS nor HTTP. */
    async function servePlain(): Promise<void> {
      const raw = createNetServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'));
      });
      raw.listen(0, '127.0.0.1');
      await once(raw, 'listening');
      ({ port } = raw.address() as AddressInfo);
      plain = raw;
    }

    let plain: NetServer | undefined;
    afterEach(() => plain?.close());

    for (const [name, connect] of Object.entries(TLS_CLIENTS)) {
      it(`for the ${name}: an unknown authority`, async () => {
        await serve('127.0.0.1');
        expect(await connect(`127.0.0.1:${port}`)).to.match(unknownAuthority);
      });

      it(`for the ${name}: a certificate of another host`, async () => {
        await serve('127.0.0.1', other);
        expect(await connect(`127.0.0.1:${port}`, other.cert)).to.match(otherName);
      });

      it(`for the ${name}: TLS to a port without it`, async () => {
        await servePlain();
        expect(await connect(`127.0.0.1:${port}`)).to.match(plainPort);
      });

      it(`for the ${name}: no TLS to a port with it`, async () => {
        await serve('127.0.0.1');
        expect(await connect(`127.0.0.1:${port}`, undefined, 'plain')).to.match(tlsPort);
      });
    }

    it('for a function whose port answers in TLS', async () => {
      plain = createNetServer((socket) => {
        socket.on('error', () => {});
        // The alert `unexpected_message` of TLS 1.2, as OpenSSL sends it to a client that speaks HTTP.
        socket.once('data', () => socket.end(Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x0a])));
      });
      plain.listen(0, '127.0.0.1');
      await once(plain, 'listening');
      ({ port } = plain.address() as AddressInfo);
      expect(await TLS_CLIENTS.function(`127.0.0.1:${port}`, undefined, 'plain')).to.include(
        'answered in TLS, so that its URL needs https',
      );
    });
  });

  describe('without an authority in the trigger', () => {
    let folder: string;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'authorities-'));
      writeFileSync(join(folder, 'ours.crt'), certificate.cert);
      await serve('127.0.0.1');
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    async function probe(env: Readonly<Record<string, string>>): Promise<Record<string, string>> {
      const { stdout } = await promisify(execFile)(process.execPath, [PROBE, `127.0.0.1:${port}`], {
        env: { PATH: process.env.PATH ?? '', ...env },
      });
      return JSON.parse(stdout);
    }

    for (const [what, variable, path] of [
      ["the system's file of authorities", 'SSL_CERT_FILE', 'ours.crt'],
      ["the system's folder of authorities", 'SSL_CERT_DIR', '.'],
      ["Node's additional authorities", 'NODE_EXTRA_CA_CERTS', 'ours.crt'],
    ] as const) {
      it(`trusts ${what}, everywhere`, async () => {
        expect(await probe({ [variable]: join(folder, path) })).to.deep.equal({
          function: 'ok',
          'dead letter': 'ok',
          broker: 'ok',
          'web service': 'ok',
        });
      });
    }

    it('trusts nobody else, anywhere', async () => {
      const results = Object.values(await probe({}));

      expect(results).to.have.length(4);
      for (const result of results) expect(result).to.match(/TlsFailed|isn't signed by a known authority/);
    });
  });
});
