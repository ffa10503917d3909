/** An HTTP proxy on loopback that takes every host for this machine, so that a test needs no names of its own. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ForwardProxy {
  /** With user info where it asks for that. */
  readonly url: string;
  /** First lines of what it was asked, without the version: `CONNECT host:443`, `POST http://host/path`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** `credentials`, `name:password`: anything else is answered 407. `status`: the answer to everything. */
export async function startForwardProxy(
  options: { readonly credentials?: string; readonly status?: number } = {},
): Promise<ForwardProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const { credentials, status } = options;
  const refusal = ({ headers }: IncomingMessage) => {
    if (status !== undefined) return status;
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    return wanted && headers['proxy-authorization'] !== wanted ? 407 : undefined;
  };
  const server = createServer((message, response) => {
    asked.push(`${message.method} ${message.url}`);
    const refused = refusal(message);
    if (refused !== undefined) return void response.writeHead(refused).end();
    const { port, pathname, search } = new URL(message.url ?? '');
    const { 'proxy-authorization': _, ...headers } = message.headers;
    const options = { host: '127.0.0.1', port, path: pathname + search, method: message.method, headers };
    const onward = request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    message.pipe(onward);
  });
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  server.on('connect', (message, socket: Socket) => {
    asked.push(`CONNECT ${message.url}`);
    const refused = refusal(message);
    if (refused !== undefined) return void socket.end(`HTTP/1.1 ${refused} No\r\ncontent-length: 0\r\n\r\n`);
    const onward = connect(Number(message.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on a port has one
  return {
    url: `http://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${port}`,
    asked,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
