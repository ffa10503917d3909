/** The small HTTP server of every program: `/healthz`, `/readyz`, `/metrics` and, where there is one, `/status`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStatusPage, type Status, type StatusAnswer } from './status-page.ts';

export interface ProbesOptions {
  readonly port: number;
  /** All interfaces by default: the kubelet and Prometheus ask from outside the pod. */
  readonly host?: string;
  /** Undefined: ready; else why not, in one sentence. */
  readonly notReady: () => string | undefined;
  /** Undefined: alive; else why not, in one sentence. */
  readonly notHealthy?: () => string | undefined;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  readonly status?: Status;
}

export interface Probes {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly etag?: string;
}

type StatusPage = (request: IncomingMessage) => Promise<StatusAnswer>;

/** Listens; rejects with the system's error when the port is taken. */
export async function startProbes(options: ProbesOptions): Promise<Probes> {
  const statusPage = options.status && createStatusPage(options.status);
  const server = createServer((request, response) => {
    answer(options, request, statusPage).then(
      (found) => write(response, found),
      () => write(response, text(500, 'failed')),
    );
  });
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;
  await listen(server, options);
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  options: ProbesOptions,
  request: IncomingMessage,
  statusPage: StatusPage | undefined,
): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET and HEAD');
  const path = request.url?.split('?')[0];
  if (path === '/healthz') return probe(options.notHealthy?.());
  if (path === '/readyz') return probe(options.notReady());
  if (path === '/metrics') return { status: 200, ...(await options.metrics()) };
  if (path === '/status' && statusPage !== undefined) {
    return { status: 200, contentType: 'application/json', ...(await statusPage(request)) };
  }
  return text(404, 'try /healthz, /readyz, /metrics or /status');
}

function probe(why: string | undefined): Answer {
  return why === undefined ? text(200, 'ok') : text(503, why);
}

function text(status: number, line: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${line}\n` };
}

function write(response: ServerResponse, { status, contentType, body, etag }: Answer): void {
  const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body), ...(etag && { etag }) };
  response.writeHead(status, headers);
  response.end(body);
}

function listen(server: Server, { port, host }: ProbesOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
}
