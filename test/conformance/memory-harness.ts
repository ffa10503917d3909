/** Conformance on the in-memory partitioned log: the shape of Kafka and Kinesis, offsets and checkpoints for acks. */
import { fileURLToPath } from 'node:url';
import { encodeTrigger } from '../../api/trigger.ts';
import { startDispatcherProcess } from '../support/dispatcher-process.ts';
import { createMemoryBroker, type MemoryBroker } from '../support/memory/broker.ts';
import { serveBroker } from '../support/memory/channel.ts';
import { payloadOf, type SourceHarness, type Stream } from './harness.ts';

const PROGRAM = fileURLToPath(new URL('../support/memory/dispatcher-main.ts', import.meta.url));
const GROUP = 'conformance';

export interface MemoryStream extends Stream {
  readonly broker: MemoryBroker;
  readonly topic: string;
}

export interface MemoryHarness extends SourceHarness {
  createStream(options: { readonly partitions: number }): Promise<MemoryStream>;
}

/** `mutant` names a way in which the source is broken on purpose. */
export function memoryHarness(mutant?: string): MemoryHarness {
  return {
    can: { producerBatches: false, keyShared: false, restartBroker: true },
    async createStream({ partitions }) {
      const broker = createMemoryBroker();
      const topic = broker.createTopic(partitions);
      return {
        broker,
        topic,
        async publish(records) {
          broker.publish(
            topic,
            records.map((record) => ({
              payload: payloadOf(record),
              ...(record.key !== undefined && { key: record.key }),
            })),
          );
        },
        start({ functionUrl, delivery, initialPosition = 'earliest', fault }) {
          const membership = { topic, group: GROUP, initialPosition };
          const process = startDispatcherProcess({
            program: PROGRAM,
            channel: true,
            env: {
              TRIGGER: encodeTrigger(manifest(topic, functionUrl, delivery)),
              MEMBERSHIP: JSON.stringify(membership),
              ...(mutant !== undefined && { MUTANT: mutant }),
              ...(fault !== undefined && { FAULT: fault }),
            },
          });
          serveBroker(broker.connect, process.child);
          return process;
        },
        async backlog() {
          return broker.backlog(topic, GROUP);
        },
        async restartBroker() {
          broker.down();
          broker.up();
        },
        async close() {},
      };
    },
  };
}

/** There is no kind for a source that only tests have: any other stands in, of which only the delivery is used. */
function manifest(topic: string, functionUrl: string, delivery: Readonly<Record<string, unknown>>) {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'conformance', namespace: 'test' },
    spec: {
      pulsar: { topic, broker: 'ws://127.0.0.1:1' },
      kubeless: { function: functionUrl },
      delivery,
    },
  };
}
