/** A TCP link to a server that tests can cut, and hold up, without touching the server. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Link {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Connections that were refused since the last `sever`. */
  readonly refused: number;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** Cuts every connection and each new one until `mend`. */
  sever(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function startLink(target: string): Promise<Link> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let severed = false;
  let refused = 0;
  const server = createServer((near) => {
    if (severed) {
      refused++;
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port, // a server that listens on a port has one
    get refused() {
      return refused;
    },
    cut,
    sever() {
      severed = true;
      refused = 0;
      cut();
    },
    mend() {
      severed = false;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
