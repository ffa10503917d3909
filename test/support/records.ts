/** Records and triggers for tests that don't care about most of their fields. */
import type { Trigger } from '../../api/trigger.ts';
import type { SourceRecord } from '../../dispatcher/sources/source.ts';

const TOPIC = 'persistent://public/default/orders';

export function aRecord(fields: Partial<SourceRecord> = {}): SourceRecord {
  return {
    partition: TOPIC,
    position: '12:345:0',
    id: `${TOPIC}/12:345:0`,
    time: Date.UTC(2020, 4, 7, 1, 32, 2),
    payload: Buffer.from('{"order":1}'),
    attributes: {},
    ...fields,
  };
}

export function aTrigger(url: string, fields: Partial<Trigger> = {}): Trigger {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    name: 'orders',
    namespace: 'shop',
    source: {
      type: 'pulsar',
      topics: [TOPIC],
      broker: 'pulsar://pulsar:6650',
      subscription: { name: 'orders-shop', type: 'Failover', initialPosition: 'latest' },
      tls: { allowInsecure: false, verifyHostname: true },
    },
    function: { url },
    delivery: {
      order: 'key',
      maxInFlight: 32,
      buffer: { records: 1024, bytes: 64 * 1024 * 1024 },
      timeout: 180_000,
      retry: { policy: 'exponential', initialDelay: 1000, maxDelay: 90_000, step: 5000, jitter: 0.2 },
    },
    filters: [],
    scaling: { replicas: 1 },
    paused: false,
    deployment: {},
    ...fields,
  };
}
