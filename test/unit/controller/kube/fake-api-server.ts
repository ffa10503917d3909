/** An HTTP server on loopback that plays an API server's bad days. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Certificate } from '../../../support/certificate.ts';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type FakeHandler = (request: FakeRequest, response: ServerResponse) => void;

export interface FakeApiServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly FakeRequest[];
  /** Where `kubeconfig` writes; removed by `close`. */
  readonly folder: string;
  respond(handler: FakeHandler): void;
  /** Writes a kubeconfig for it and returns its path. */
  kubeconfig(user?: Readonly<Record<string, unknown>>, cluster?: Readonly<Record<string, unknown>>): string;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function startFakeApiServer(tls?: Certificate): Promise<FakeApiServer> {
  const requests: FakeRequest[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'fake-api-server-'));
  let handler: FakeHandler = (_, response) => response.writeHead(404).end();
  const server = (tls === undefined ? createServer() : createTlsServer(tls)).on(
    'request',
    async (message, response) => {
      const url = new URL(message.url ?? '/', 'http://fake');
      const request = {
        method: message.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: message.headers,
        body: await text(message),
      };
      requests.push(request);
      handler(request, response);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on a port has one
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return {
    url,
    port,
    requests,
    folder,
    respond(next) {
      handler = next;
    },
    kubeconfig(user = {}, cluster = tls === undefined ? { 'insecure-skip-tls-verify': true } : {}) {
      const file = join(folder, 'kubeconfig');
      const config = {
        clusters: [{ name: 'fake', cluster: { server: url, ...cluster } }],
        users: [{ name: 'fake', user }],
        contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
        'current-context': 'fake',
      };
      writeFileSync(file, JSON.stringify(config));
      return file;
    },
    cut: () => server.closeAllConnections(),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A refusal as the API server writes it. */
export function refuse(response: ServerResponse, code: number, reason: string, message = reason): void {
  answerJson(response, statusObject(code, reason, message), code);
}

export function statusObject(code: number, reason: string, message = reason) {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message };
}
