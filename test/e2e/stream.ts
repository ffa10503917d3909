/** Publishes records to a topic all the time, a few keys in turn, and remembers them. */
import type { PulsarEndpoint } from '../servers/pulsar/index.ts';
import type { Published } from '../support/ledger.ts';
import { publish } from '../support/pulsar-producer.ts';

export interface Stream {
  /** In the order in which the broker has them. */
  readonly published: readonly Published[];
  /**
   * Resolves when everything published is stored, and publishes no more until `resume`. While a broker changes what a
   * namespace allows it may drop a producer, whose unconfirmed messages are then stored twice.
   */
  pause(): Promise<void>;
  resume(): void;
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
  /** Set while paused; resolved at its end. */
  let paused: PromiseWithResolvers<void> | undefined;
  let publishing: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!isStopped) {
      if (paused !== undefined) {
        await paused.promise;
        continue;
      }
      const batch = Array.from({ length: BATCH }, (_, index) => {
        const id = `${published.length + index}`;
        return { id, lane: `key-${(published.length + index) % KEYS}` };
      });
      publishing = publish(
        pulsar,
        topic,
        batch.map(({ id, lane }) => ({ payload: JSON.stringify({ id }), key: lane })),
      );
      await publishing;
      published.push(...batch);
      await Promise.race([stopped.promise, new Promise((resolve) => setTimeout(resolve, 1000 / BATCHES_A_SECOND))]);
    }
  }

  const running = run();
  // Told by `stop`; until then it is nobody's.
  running.catch(() => {});
  return {
    published,
    async pause() {
      paused ??= Promise.withResolvers();
      await publishing;
    },
    resume() {
      paused?.resolve();
      paused = undefined;
    },
    async stop() {
      isStopped = true;
      paused?.resolve();
      paused = undefined;
      stopped.resolve();
      await running;
    },
  };
}
