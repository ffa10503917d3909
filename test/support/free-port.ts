/** Finds TCP ports on loopback that a server can be given, and can be given again after a restart. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Returns `count` different ports that nothing listens on at 127.0.0.1.
 *
 * They lie below the range that the kernel hands to outgoing connections (32768 and up), so that no client takes the
 * port of a server that is down for a moment.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: { port: number; server: Server }[] = [];
  for (let attempt = 0; held.length < count; attempt++) {
    if (attempt > 1000) throw new Error(`finding ${count} free ports on 127.0.0.1: none after ${attempt} attempts`);
    const port = randomInt(10_000, 32_000);
    const server = await listen(port);
    if (server) held.push({ port, server });
  }
  await Promise.all(held.map(({ server }) => new Promise((closed) => server.close(closed))));
  return held.map(({ port }) => port);
}

/** Returns one port that nothing listens on at 127.0.0.1. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('finding a free port on 127.0.0.1: none was returned');
  return port;
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
