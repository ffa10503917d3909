/** The Pulsar source: one configuration, two drivers, chosen by the broker's URL. */
import { randomUUID } from 'node:crypto';
import type { Trigger } from '../../../api/trigger.ts';
import type { Logger } from '../../../common/logger.ts';
import type { SecretReader } from '../secrets.ts';
import type { HoldReporter, LagReporter, OrderedSource, Source } from '../source.ts';
import { createCredentials } from './credentials.ts';
import { isWebSocketBroker } from './endpoint.ts';
import { createHoldReporter } from './hold.ts';
import { createLagReporter } from './lag.ts';
import { comparePositions } from './message-id.ts';
import { createNativeSource } from './native-source.ts';
import { pulsarStreams } from './streams.ts';
import { createWebSocketSource } from './websocket-source.ts';

export interface PulsarSourceOptions {
  readonly trigger: Trigger;
  readonly secrets: SecretReader;
  readonly logger: Logger;
  /** 0 ≤ x < 1; `Math.random` by default. */
  readonly random?: () => number;
}

/** Ordered when the subscription is Exclusive or Failover. Throws when the broker's URL or a topic name can never work. */
export function createPulsarSource(
  options: PulsarSourceOptions,
): Source & LagReporter & HoldReporter & Partial<OrderedSource> {
  const { source: spec } = options.trigger;
  const credentials = createCredentials(spec, options.secrets);
  const createDriver = isWebSocketBroker(spec.broker) ? createWebSocketSource : createNativeSource;
  const consumerName = `dispatcher-${randomUUID()}`;
  const driver = createDriver({ ...options, credentials, consumerName });
  const lag = createLagReporter({ source: spec, credentials, consumerName });
  const { hold } = createHoldReporter({ source: spec, credentials, consumerName, stats: () => lag.stats });
  const source = {
    connect: driver.connect.bind(driver),
    read: driver.read.bind(driver),
    close: driver.close.bind(driver),
    lag: lag.lag,
    hold,
  };
  const isOrdered = spec.subscription.type === 'Exclusive' || spec.subscription.type === 'Failover';
  return isOrdered ? { ...source, comparePositions } : source;
}

export const pulsar = { create: createPulsarSource, streams: pulsarStreams };
