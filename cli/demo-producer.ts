/** Publishes the records of the demonstration through Pulsar's WebSocket API. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface WebSocketEndpoint {
  /** `ws://127.0.0.1:8080`, without a path. */
  readonly wsUrl: string;
  readonly adminToken?: string;
}

export interface DemoProducer {
  /** Resolves when Pulsar has stored it. */
  publish(key: string, data: unknown): Promise<void>;
  close(): Promise<void>;
}

/** `topic` is a full name: `persistent://public/default/hello`. */
export async function createDemoProducer(
  { wsUrl, adminToken }: WebSocketEndpoint,
  topic: string,
): Promise<DemoProducer> {
  const socket = new WebSocket(`${wsUrl}/ws/v2/producer/${topic.replace('://', '/')}`, {
    headers: adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` },
  });
  await once(socket, 'open');
  return {
    async publish(key, data) {
      const answer = once(socket, 'message');
      const payload = Buffer.from(JSON.stringify(data)).toString('base64');
      socket.send(JSON.stringify({ key, payload, properties: { 'ce-type': 'order.placed' } }));
      const [reply] = await answer;
      const { result, errorMsg } = JSON.parse(String(reply));
      if (result !== 'ok') throw new Error(`publishing to ${topic}: ${result} ${errorMsg}`);
    },
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await once(socket, 'close');
    },
  };
}
