/** The trigger of every benchmark, in normal form: the defaults of the product but for what a measurement varies. */
import { deliveryWithDefaults } from '../api/defaults.ts';
import type { DeliverySpec, Trigger } from '../api/trigger.ts';

export type Delivery = Partial<DeliverySpec> & { readonly maxInFlight: number };

export function benchTrigger(functionUrl: string, delivery: Delivery): Trigger {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    name: 'bench',
    namespace: 'default',
    source: {
      type: 'pulsar',
      topics: ['persistent://public/default/bench'],
      broker: 'ws://127.0.0.1:1',
      subscription: { name: 'bench-default', type: 'Failover', initialPosition: 'earliest' },
      tls: { allowInsecure: false, verifyHostname: true },
    },
    function: { url: functionUrl },
    delivery: { ...deliveryWithDefaults({ maxInFlight: delivery.maxInFlight }), ...delivery },
    filters: [],
    scaling: { replicas: 1 },
    paused: false,
    deployment: {},
  };
}

/** The same, reading a topic of public/default from its beginning. */
export function pulsarTrigger(
  { url, broker, topic }: { readonly url: string; readonly broker: string; readonly topic: string },
  delivery: Delivery,
): Trigger {
  const trigger = benchTrigger(url, delivery);
  return { ...trigger, source: { ...trigger.source, broker, topics: [`persistent://public/default/${topic}`] } };
}
