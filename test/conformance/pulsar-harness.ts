/** Conformance on a real Pulsar, by either driver, with the dispatcher's program as it stands or as it was built. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { encodeTrigger, parseTrigger, type Trigger } from '../../api/trigger.ts';
import { Secret } from '../../common/secret.ts';
import { type PulsarAdmin, pulsarAdmin } from '../servers/pulsar/admin.ts';
import { type PulsarEndpoint, type PulsarServer, startPulsar } from '../servers/pulsar/index.ts';
import { sharedPulsar } from '../servers/pulsar/shared.ts';
import { startDispatcherProcess } from '../support/dispatcher-process.ts';
import { publish } from '../support/pulsar-producer.ts';
import { payloadOf, type SourceHarness, type Stream, type StreamOptions } from './harness.ts';

export interface PulsarHarnessOptions {
  readonly driver: 'websocket' | 'native';
  /** The dispatcher's program; `dispatcher/main.ts` by default. */
  readonly program?: string;
  /** `Failover` by default, and `Key_Shared` for a dispatcher that shares keys. */
  readonly subscriptionType?: 'Failover' | 'Key_Shared' | 'Shared';
}

export interface PulsarStream extends Stream {
  readonly endpoint: PulsarEndpoint;
  readonly admin: PulsarAdmin;
  readonly topic: string;
  readonly subscription: string;
}

export interface PulsarHarness extends SourceHarness {
  createStream(options: StreamOptions): Promise<PulsarStream>;
}

/** The dispatcher's own program has no parts that a test could break. */
const FAULTY = fileURLToPath(new URL('../support/source-main.ts', import.meta.url));
const SUBSCRIPTION = 'conformance';

export function pulsarHarness({ driver, program, subscriptionType }: PulsarHarnessOptions): PulsarHarness {
  let ownServer: Promise<PulsarServer> | undefined;
  const own = () => {
    ownServer ??= startPulsar();
    return ownServer;
  };

  return {
    can: { producerBatches: true, keyShared: true, restartBroker: true },
    async prepare() {
      await sharedPulsar();
    },
    async createStream({ partitions, ownBroker = false }) {
      const endpoint = ownBroker ? await own() : await sharedPulsar();
      const admin = pulsarAdmin(endpoint);
      const topic = `conformance-${randomUUID()}`;
      if (partitions === 1) await admin.createTopic(topic);
      else await admin.createPartitionedTopic(topic, partitions);
      const subscription = SUBSCRIPTION;
      const subscriptions = async () => {
        const stats = partitions === 1 ? await admin.stats(topic) : await admin.partitionedStats(topic);
        return stats.subscriptions;
      };
      return {
        endpoint,
        admin,
        topic,
        subscription,
        async publish(records, { batch = 1 } = {}) {
          const out = records.map((record) => ({
            payload: payloadOf(record),
            ...(record.key !== undefined && { key: record.key }),
          }));
          await publish(endpoint, topic, out, batch === 1 ? undefined : { records: batch });
        },
        start({ functionUrl, delivery, keyShared = false, initialPosition = 'earliest', fault }) {
          const type = subscriptionType ?? (keyShared ? 'Key_Shared' : 'Failover');
          const broker = driver === 'native' ? endpoint.serviceUrl : endpoint.wsUrl;
          const pulsar = {
            topic,
            broker,
            webServiceUrl: endpoint.adminUrl,
            subscription: { name: subscription, type, initialPosition },
          };
          return startDispatcherProcess({
            env: {
              TRIGGER: encodeTrigger(pulsarTrigger({ pulsar, kubeless: { function: functionUrl }, delivery })),
              ...(endpoint.adminToken !== undefined && { PULSAR_AUTH_TOKEN: endpoint.adminToken }),
              ...(fault !== undefined && { FAULT: fault }),
            },
            ...(program !== undefined && { program }),
            ...(fault !== undefined && { program: FAULTY }),
          });
        },
        async backlog() {
          return (await subscriptions())[subscription]?.msgBacklog ?? Number.POSITIVE_INFINITY;
        },
        async restartBroker() {
          await (await own()).restart('SIGKILL');
        },
        async close() {
          if (partitions === 1) await admin.deleteTopic(topic).catch(() => {});
        },
      };
    },
    async close() {
      await (await ownServer)?.stop();
      ownServer = undefined;
    },
  };
}

export function pulsarTrigger(spec: Readonly<Record<string, unknown>>) {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'conformance', namespace: 'test' },
    spec,
  };
}

/** For a pipeline in the process of the test. */
export function triggerFor(stream: PulsarStream, functionUrl: string): Trigger {
  const { endpoint, topic, subscription } = stream;
  const parsed = parseTrigger(
    pulsarTrigger({
      pulsar: { topic, broker: endpoint.wsUrl, subscription: { name: subscription, initialPosition: 'earliest' } },
      kubeless: { function: functionUrl },
      delivery: { maxInFlight: 16, timeout: '5s', retry: { initialDelay: '50ms', maxDelay: '200ms' } },
    }),
  );
  if ('problems' in parsed) throw new Error(`parsing the trigger of the test: ${JSON.stringify(parsed.problems)}`);
  const { trigger } = parsed;
  if (endpoint.adminToken === undefined) return trigger;
  return { ...trigger, source: { ...trigger.source, authToken: new Secret(endpoint.adminToken) } };
}
