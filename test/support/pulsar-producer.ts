/** Publishes to a real Pulsar through its WebSocket API. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { parseTopicName, topicPath } from '../../dispatcher/sources/pulsar/topic-name.ts';
import type { PulsarEndpoint } from '../servers/pulsar/index.ts';

export interface Published {
  readonly payload: Buffer | string;
  readonly key?: string;
  readonly properties?: Readonly<Record<string, string>>;
  /** RFC 3339 */
  readonly eventTime?: string;
  /** Milliseconds that the broker keeps it, for Shared and Key_Shared subscriptions. */
  readonly deliverAfterMs?: number;
}

/** How the producer groups records; absent: each stands alone. */
export interface Batching {
  readonly records: number;
}

/** Publishes in order to a topic, whose name may be short; resolves when all are stored. */
export async function publish(
  { wsUrl, adminToken }: PulsarEndpoint,
  topic: string,
  records: readonly Published[],
  batching?: Batching,
): Promise<void> {
  const path = topicPath(parseTopicName(topic));
  const query = new URLSearchParams({ maxPendingMessages: String(records.length + 1) });
  if (batching !== undefined) {
    query.set('batchingEnabled', 'true');
    query.set('batchingMaxMessages', String(batching.records));
    query.set('batchingMaxPublishDelay', '2000');
  }
  const socket = new WebSocket(`${wsUrl}/ws/v2/producer/${path}?${query}`, {
    headers: adminToken ? { authorization: `Bearer ${adminToken}` } : {},
  });
  await once(socket, 'open');
  let stored = 0;
  const all = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    const reply = JSON.parse(data.toString()) as { result: string; errorMsg?: string };
    if (reply.result !== 'ok') all.reject(new Error(`publishing to ${topic}: ${reply.result} ${reply.errorMsg}`));
    stored++;
    if (stored === records.length) all.resolve();
  });
  socket.on('close', (code, reason) => all.reject(new Error(`publishing to ${topic}: closed ${code} ${reason}`)));
  for (const { payload, ...rest } of records) {
    socket.send(JSON.stringify({ ...rest, payload: Buffer.from(payload).toString('base64') }));
  }
  try {
    await all.promise;
  } finally {
    socket.close();
  }
}
