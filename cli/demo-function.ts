/** The function of the demonstration: says what it got, and fails now and then as functions do. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface SampleFunction {
  readonly url: string;
  close(): Promise<void>;
}

/** Every how many records one is refused the first time. */
const FAILS_EVERY = 5;

/** Listens on a free port of loopback; `tell` gets a line a record that it took. */
export async function startSampleFunction(tell: (line: string) => void): Promise<SampleFunction> {
  const seen = new Set<string>();
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => '');
    const id = String(request.headers['event-id']);
    const isFirst = !seen.has(id);
    seen.add(id);
    if (isFirst && seen.size % FAILS_EVERY === 0) {
      response.writeHead(503).end();
      return;
    }
    tell(`${body} (${request.headers['content-type']}, event-id ${id})`);
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
