/** A proxy in front of an API server that fails when it is told to. Plain HTTP on loopback, so that it can look inside. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as forward } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { KubernetesServer } from '../servers/kubernetes/index.ts';
import type { ControllerRelease } from '../support/controller-release.ts';

export interface FaultyProxy {
  /** `http://127.0.0.1:P` */
  readonly url: string;
  /** This share of the requests is answered with the status instead; 0 ends it. */
  fail(status: 500 | 429, share: number): void;
  /** Asked for every request: what it returns happens instead of it. */
  strike(rule: (request: ProxiedRequest) => Strike | undefined): void;
  /** Ends every connection, watches in the middle of an event. */
  cut(): void;
  close(): Promise<void>;
}

/** `path` with its query. */
export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
}

/** An answer, whose body is JSON unless it is a text, or none at all. */
export type Strike = { readonly status: number; readonly body: unknown } | 'hang';

export interface ProxyOptions {
  /** Of the API server. */
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly random: () => number;
}

export async function startFaultyProxy({ url, ca, random }: ProxyOptions): Promise<FaultyProxy> {
  const agent = new Agent({ ca, keepAlive: true });
  const sockets = new Set<Socket>();
  let rule: (request: ProxiedRequest) => Strike | undefined = () => undefined;
  let failing: { readonly status: number; readonly share: number } = { status: 500, share: 0 };

  const server = createServer((incoming, outgoing) => {
    if (random() < failing.share) return refuse(incoming, outgoing, failing.status);
    const { method = 'GET', headers, url: path = '/' } = incoming;
    const struck = rule({ method, path });
    if (struck !== undefined) {
      incoming.resume();
      if (struck !== 'hang') respond(outgoing, struck.status, struck.body);
      return;
    }
    const { host: _host, connection: _connection, ...kept } = headers;
    const passed = forward(`${url}${path}`, { method, agent, headers: kept }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      // A watch without an event yet is answered all the same.
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on a port has one
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };

  return {
    url: `http://127.0.0.1:${port}`,
    fail(status, share) {
      failing = { status, share };
    },
    strike(next) {
      rule = next;
    },
    cut,
    async close() {
      cut();
      agent.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number): void {
  incoming.resume();
  const reason = status === 429 ? 'TooManyRequests' : 'InternalError';
  respond(outgoing, status, refusal(status, reason));
}

function respond(outgoing: ServerResponse, status: number, body: unknown): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain' : 'application/json';
  outgoing.writeHead(status, { 'content-type': type, ...(status === 429 && { 'retry-after': '1' }) });
  outgoing.end(isText ? body : JSON.stringify(body));
}

/** A Status object. */
export function refusal(code: number, reason: string, message = 'a test says no') {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message };
}

/** With the token of the ServiceAccount, over HTTP to the proxy, which clients take only when they needn't check TLS. */
export async function throughProxy(
  server: Pick<KubernetesServer, 'folder'>,
  release: Pick<ControllerRelease, 'namespace' | 'token'>,
  { url }: FaultyProxy,
): Promise<string> {
  const file = join(server.folder, `proxy-${release.namespace}.kubeconfig`);
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'proxy', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'controller', user: { token: release.token } }],
    contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'controller' } }],
    'current-context': 'proxy',
  };
  await writeFile(file, JSON.stringify(kubeconfig), { mode: 0o600 });
  return file;
}
