/** Fills a topic with records, one message each and never batched, through several producers of the WebSocket API. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { MemorySource } from './memory-source.ts';
import type { PulsarEndpoint } from './pulsar-server.ts';

export interface Backlog {
  /** Name in public/default. */
  readonly topic: string;
  readonly keys: number;
  readonly payload: number;
  readonly total: number;
}

const PRODUCERS = 4;
const MAX_PENDING_BYTES = 2 ** 24;

/** Resolves when the broker has confirmed every record. */
export async function publish(pulsar: PulsarEndpoint, backlog: Backlog): Promise<void> {
  const source = new MemorySource(backlog);
  // The broker's heap is small: of large records few may be on their way.
  const count = backlog.payload > 2 ** 20 ? 1 : PRODUCERS;
  const producers = Array.from({ length: count }, () => produce(pulsar, backlog, source));
  await Promise.all(producers);
}

async function produce(
  pulsar: PulsarEndpoint,
  { topic, payload, total }: Backlog,
  source: MemorySource,
): Promise<void> {
  const query = 'batchingEnabled=false&sendTimeoutMillis=0&maxPendingMessages=1000';
  const socket = new WebSocket(`${pulsar.wsUrl}/ws/v2/producer/persistent/public/default/${topic}?${query}`, {
    perMessageDeflate: false,
    headers: pulsar.adminToken ? { authorization: `Bearer ${pulsar.adminToken}` } : {},
  });
  await once(socket, 'open');
  const maxPending = Math.max(1, Math.min(500, Math.floor(MAX_PENDING_BYTES / PRODUCERS / payload)));
  const never = new AbortController().signal;
  await new Promise<void>((resolve, reject) => {
    let pending = 0;
    let filling = false;
    const fill = async (): Promise<void> => {
      if (filling) return;
      filling = true;
      while (pending < maxPending && source.handedOver < total) {
        pending += 1;
        const [delivery] = await source.read(1, never);
        if (delivery === undefined) return;
        const { key, payload: body } = delivery.record;
        socket.send(JSON.stringify({ payload: body.toString('base64'), key }));
      }
      filling = false;
      if (pending === 0) resolve();
    };
    socket.on('message', (data) => {
      const { result, errorMsg } = JSON.parse(String(data)) as { result: string; errorMsg?: string };
      if (result !== 'ok') reject(new Error(`publishing to ${topic}: ${result} ${errorMsg ?? ''}`));
      pending -= 1;
      fill().catch(reject);
    });
    socket.on('error', reject);
    socket.on('close', (code, why) => reject(new Error(`publishing to ${topic}: closed with ${code} ${why}`)));
    fill().catch(reject);
  });
  socket.removeAllListeners('close');
  socket.close();
  await once(socket, 'close');
}
