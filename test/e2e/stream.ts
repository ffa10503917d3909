/** Publishes records to a topic all the time, a few keys in turn, and remembers them. */
import type { PulsarEndpoint } from '../servers/pulsar/index.ts';
import type { Published } from '../support/ledger.ts';
import { publish } from '../support/pulsar-producer.ts';

export interface Stream {
  /** In the order in which the broker has them. */
  readonly published: readonly Published[];
  /** Resolves when everything published is stored. Rejects when publishing failed. */
  stop(): Promise<void>;
}

const KEYS = 20;
const BATCH = 20;
const BATCHES_A_SECOND = 5;

export function startStream(pulsar: PulsarEndpoint, topic: string): Stream {
  const published: Published[] = [];
  const stopped = Promise.withResolvers<void>();
  let isStopped = false;

  async function run(): Promise<void> {
    while (!isStopped) {
      const batch = Array.from({ length: BATCH }, (_, index) => {
        const id = `${published.length + index}`;
        return { id, lane: `key-${(published.length + index) % KEYS}` };
      });
      await publish(
        pulsar,
        topic,
        batch.map(({ id, lane }) => ({ payload: JSON.stringify({ id }), key: lane })),
      );
      published.push(...batch);
      await Promise.race([stopped.promise, new Promise((resolve) => setTimeout(resolve, 1000 / BATCHES_A_SECOND))]);
    }
  }

  const running = run();
  // Told by `stop`; until then it is nobody's.
  running.catch(() => {});
  return {
    published,
    async stop() {
      isStopped = true;
      stopped.resolve();
      await running;
    },
  };
}
