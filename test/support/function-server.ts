/** A real HTTP function for tests: answers as told, records every request, and checks that each is a CloudEvent. */
import { AssertionError } from 'node:assert';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { CloudEvent, HTTP } from 'cloudevents';

export interface FunctionServer {
  /** `http://127.0.0.1:port`, without a path. */
  readonly url: string;
  readonly port: number;
  /** In the order of their last byte. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections that were accepted, and those that are open. */
  readonly accepted: number;
  readonly open: number;
  /** Sets what the following requests are answered with; 204 until then. */
  respond(handler: Handler): void;
  /** Throws when a request wasn't what npm `cloudevents` takes for a valid CloudEvent. */
  assertCloudEvents(): void;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, spelled as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Number of its connection, from 1. */
  readonly connection: number;
}

export type Handler = (request: ReceivedRequest) => Reply | Promise<Reply>;

/** One way to answer. */
export type Reply = (response: ServerResponse) => void;

export interface FunctionServerOptions {
  readonly host?: string;
  readonly port?: number;
  /** PEM; given, the function speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function startFunctionServer(options: FunctionServerOptions = {}): Promise<FunctionServer> {
  const requests: ReceivedRequest[] = [];
  const problems: string[] = [];
  const sockets = new Map<Socket, number>();
  let accepted = 0;
  let handler: Handler = () => answer(204);

  const server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    accepted += 1;
    sockets.set(socket, accepted);
    socket.once('close', () => sockets.delete(socket));
  });
  const host = options.host ?? '127.0.0.1';
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  // A server that listens on a port has an AddressInfo.
  const { port } = server.address() as AddressInfo;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = sockets.get(message.socket) ?? 0;
    const body = await readAll(message);
    // Cut off before its last byte: not a request.
    if (body === undefined) {
      return;
    }
    const request = {
      method: message.method ?? '',
      url: message.url ?? '',
      headers: joinHeaders(message.rawHeaders),
      rawHeaders: message.rawHeaders,
      body,
      connection,
    };
    requests.push(request);
    const problem = cloudEventProblem(request);
    if (problem !== undefined) {
      problems.push(problem);
    }
    const reply = await handler(request);
    reply(response);
  }

  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    requests,
    get accepted() {
      return accepted;
    },
    get open() {
      return sockets.size;
    },
    respond(next) {
      handler = next;
    },
    assertCloudEvents() {
      if (problems.length > 0) {
        const message = `${problems.length} of ${requests.length} requests were no CloudEvents: ${problems[0]}`;
        throw new AssertionError({ message });
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function answer(status: number, headers: OutgoingHttpHeaders = {}, body: string | Buffer = ''): Reply {
  return (response) => response.writeHead(status, headers).end(status === 204 ? undefined : body);
}

export function redirect(status: number, location: string): Reply {
  return answer(status, { location });
}

/** Never answers. */
export const hang: Reply = () => {};

/** Resets the connection in place of an answer. */
export const reset: Reply = (response) => {
  response.socket?.resetAndDestroy();
};

/** Closes the connection, as a process does that ends, in place of an answer. */
export const close: Reply = (response) => {
  response.socket?.destroy();
};

/** Closes the connection in the middle of the answer's head: nobody knows what it would have said. */
export const closeMidHead: Reply = ({ socket }) => {
  socket?.write('HTTP/1.1 200 OK\r\ncontent-le', () => socket.destroy());
};

/** Closes the connection in the middle of the answer's body, after a head that says 200. */
export const closeMidBody: Reply = (response) => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('the beginning', () => response.socket?.destroy());
};

/** Sends the parts one by one, each after the promise before it. */
export function inParts(status: number, parts: AsyncIterable<string | Buffer>): Reply {
  return async (response) => {
    response.writeHead(status);
    response.flushHeaders();
    for await (const part of parts) {
      if (response.destroyed) {
        return;
      }
      if (!response.write(part)) {
        await drained(response);
      }
    }
    response.end();
  };
}

/** Resolves also when the connection is closed first. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

async function readAll(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) {
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

function joinHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = raw[i + 1] ?? '';
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

function cloudEventProblem({ headers, body }: ReceivedRequest): string | undefined {
  try {
    const event = HTTP.toEvent({ headers, body: parseBody(headers['content-type'], body) });
    if (!(event instanceof CloudEvent)) {
      return 'a batch';
    }
    event.validate();
    return undefined;
  } catch (error) {
    return `${String(error)} in ${JSON.stringify(headers)}`;
  }
}

/** As body parsers in front of `cloudevents` do: its own parser stumbles over white space around JSON. */
function parseBody(contentType: string | undefined, body: Buffer): unknown {
  if (contentType !== 'application/json') {
    return body.toString();
  }
  const value: unknown = JSON.parse(body.toString());
  return typeof value === 'object' ? value : JSON.stringify(value);
}
