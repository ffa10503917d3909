/** A Pulsar source under test, with what it told. */
import type { PulsarSourceSpec, Trigger } from '../../api/trigger.ts';
import { createLogger } from '../../common/logger.ts';
import { createPulsarSource } from '../../dispatcher/sources/pulsar/index.ts';
import { createSecretFiles } from '../../dispatcher/sources/secrets.ts';
import type { Delivery, SourceEvents } from '../../dispatcher/sources/source.ts';

export interface State {
  readonly connected: boolean;
  readonly why?: string;
  readonly reason?: string;
}

/** Everything that `createConsumer` lets a test choose. */
export interface ConsumerOptions {
  readonly source: Partial<PulsarSourceSpec> & Pick<PulsarSourceSpec, 'topics' | 'broker'>;
  /** Folder of mounted Secrets. */
  readonly secrets?: string;
  readonly maxInFlight?: number;
}

export type Consumer = ReturnType<typeof createConsumer>;

/** Reads from the beginning of the topic with a Failover subscription named `test` unless the options say otherwise. */
export function createConsumer({ source: spec, secrets = '/nonexistent', maxInFlight = 32 }: ConsumerOptions) {
  const lines: string[] = [];
  const logger = createLogger('debug', { write: (line) => void lines.push(line) });
  const trigger: Trigger = {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    name: 'test',
    namespace: 'default',
    source: {
      type: 'pulsar',
      subscription: { name: 'test', type: 'Failover', initialPosition: 'earliest' },
      tls: { allowInsecure: false, verifyHostname: true },
      ...spec,
    },
    function: { url: 'http://127.0.0.1:1' },
    delivery: {
      order: 'key',
      maxInFlight,
      buffer: { records: 1024, bytes: 64 * 1024 * 1024 },
      timeout: 180_000,
      retry: { policy: 'exponential', initialDelay: 1000, maxDelay: 90_000, step: 5000, jitter: 0.2 },
    },
    filters: [],
    scaling: { replicas: 1 },
    paused: false,
    deployment: {},
  };
  const source = createPulsarSource({ trigger, secrets: createSecretFiles(secrets), logger });
  const states: State[] = [];
  const events: SourceEvents = {
    revoked: async () => {},
    lost: () => {},
    state: (connected, why, reason) =>
      void states.push({ connected, ...(why !== undefined && { why }), ...(reason !== undefined && { reason }) }),
  };
  return {
    source,
    states,
    /** The log, as text. */
    log: () => lines.join(''),
    connect: (signal = new AbortController().signal) => source.connect(events, signal),
    /** Reads exactly `count` records. */
    async read(count: number): Promise<Delivery[]> {
      const deliveries: Delivery[] = [];
      while (deliveries.length < count) {
        deliveries.push(...(await source.read(count - deliveries.length, AbortSignal.timeout(20_000))));
      }
      return deliveries;
    },
    /** Whether nothing comes within `time` milliseconds. */
    async isSilent(time: number): Promise<boolean> {
      return source.read(1, AbortSignal.timeout(time)).then(
        () => false,
        () => true,
      );
    },
  };
}

/** The payloads as text. */
export function texts(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ record }) => record.payload.toString());
}

/** Numbers from 0, as text. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
