/** A TCP link to an API server that tests can cut without touching the server. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { KubernetesServer } from '../servers/kubernetes/index.ts';

export interface Link {
  /** Path of a kubeconfig that goes through it, for the cluster's administrator. */
  readonly kubeconfig: string;
  /** Connections that were refused since the last `sever`. */
  readonly refused: number;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** Cuts every connection and each new one until `mend`. */
  sever(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function startLink({ url, folder, kubeconfig }: KubernetesServer): Promise<Link> {
  const { hostname, port } = new URL(url);
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
  const own = server.address() as AddressInfo; // a server that listens on a port has one
  const file = join(folder, `link-${own.port}.kubeconfig`);
  const text = await readFile(kubeconfig, 'utf8');
  await writeFile(file, text.replaceAll(url, `https://127.0.0.1:${own.port}`), { mode: 0o600 });
  return {
    kubeconfig: file,
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
