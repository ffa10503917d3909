/** Serves a folder with the index and the packages of a chart repository over HTTP, on loopback. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

export interface ChartServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `port` 0 takes a free one. Rejects when the port is taken. */
export async function serveCharts(folder: string, port = 0): Promise<ChartServer> {
  const server = createServer(async ({ url = '/' }, response) => {
    const file = await readFile(join(folder, basename(url))).catch(() => undefined);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A server that listens on a port has an AddressInfo.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
