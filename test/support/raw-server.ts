/** A server that answers with bytes of a test's choice, as no library for HTTP would. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.ts';

export interface RawServer {
  readonly port: number;
  /** Connections that were accepted, and those that are open. */
  readonly accepted: number;
  readonly open: number;
  /** Requests of which the last byte came. */
  readonly requests: number;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface RawConnection {
  readonly socket: Socket;
  /** Of the server, from 1. */
  readonly number: number;
}

export interface RawServerOptions {
  readonly tls?: Certificate;
  readonly allowHalfOpen?: boolean;
  /** Called with the first bytes of each request; `nth` counts those of the connection, from 1. */
  readonly begun?: (connection: RawConnection, nth: number) => void;
  /** Called with the last byte of each request. */
  readonly complete?: (connection: RawConnection, nth: number) => void;
}

/** Its requests have a Content-Length, and none comes before the one before it was answered. */
export async function startRawServer(options: RawServerOptions): Promise<RawServer> {
  const { allowHalfOpen = false, begun, complete, tls } = options;
  const sockets = new Set<Socket>();
  let accepted = 0;
  let requests = 0;

  function serve(socket: Socket): void {
    accepted += 1;
    sockets.add(socket);
    const connection = { socket, number: accepted };
    let nth = 0;
    let head = '';
    /** Bytes of the request that haven't come; undefined while its head hasn't. */
    let left: number | undefined;
    // A connection that is reset says so; the test knows.
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      if (head === '') {
        nth += 1;
        begun?.(connection, nth);
      }
      if (left === undefined) {
        head += chunk.toString('latin1');
        left = bytesLeft(head);
      } else {
        left -= chunk.length;
      }
      if (left !== 0) return;
      [head, left] = ['', undefined];
      requests += 1;
      complete?.(connection, nth);
    });
  }

  const server =
    tls === undefined
      ? createServer({ allowHalfOpen }, serve)
      : createTlsServer(tls, (socket: TLSSocket) => serve(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get accepted() {
      return accepted;
    },
    get open() {
      return sockets.size;
    },
    get requests() {
      return requests;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What is done in place of writing some bytes. */
export type RawStep = string | 'END' | 'RESET';

/** Writes each of these in a segment of its own, as Latin-1; `END` closes the connection, `RESET` resets it. */
export async function writeRaw({ socket }: RawConnection, steps: readonly RawStep[]): Promise<void> {
  for (const step of steps) {
    if (step === 'END') socket.end();
    else if (step === 'RESET') socket.resetAndDestroy();
    else await new Promise((resolve) => socket.write(step, 'latin1', resolve));
    // The other side runs in the same process: by then it has read what was written.
    for (let i = 0; i < 3; i++) await turn();
  }
}

/** Bytes that follow these ones of a request; undefined while its head isn't complete. */
function bytesLeft(request: string): number | undefined {
  const body = request.indexOf('\r\n\r\n') + 4;
  if (body < 4) return undefined;
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(request.slice(0, body))?.[1] ?? '0';
  return body + Number(length) - request.length;
}
