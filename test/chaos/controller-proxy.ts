/** A proxy in front of an API server that fails when it is told to. Plain HTTP on loopback, so that it can look inside. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as forward } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface FaultyProxy {
  /** `http://127.0.0.1:P` */
  readonly url: string;
  /** This share of the requests is answered with the status instead; 0 ends it. */
  fail(status: 500 | 429, share: number): void;
  /** Ends every connection, watches in the middle of an event. */
  cut(): void;
  close(): Promise<void>;
}

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
  let failing: { readonly status: number; readonly share: number } = { status: 500, share: 0 };

  const server = createServer((incoming, outgoing) => {
    if (random() < failing.share) return refuse(incoming, outgoing, failing.status);
    const { method, headers, url: path = '/' } = incoming;
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
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code: status, message: 'a test says no' };
  outgoing.writeHead(status, { 'content-type': 'application/json', ...(status === 429 && { 'retry-after': '1' }) });
  outgoing.end(JSON.stringify(body));
}
