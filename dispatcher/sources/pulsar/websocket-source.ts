/** The Pulsar source over the WebSocket API: one connection a topic, and never more records than were asked for. */
import type { Trigger } from '../../../api/trigger.ts';
import { createBackoff } from '../../../common/backoff.ts';
import type { Logger } from '../../../common/logger.ts';
import type { Source } from '../source.ts';
import type { FailureContext } from './connection-failure.ts';
import type { Credentials } from './credentials.ts';
import { brokerAddress, consumerUrl } from './endpoint.ts';
import { grantPermits } from './permits.ts';
import { createNumbering, type Numbering, recordOfFrame } from './record.ts';
import { TIMING, type Timing } from './timing.ts';
import { type TopicName, uniqueTopics } from './topic-name.ts';
import { createTopicsSource, type DriverHooks } from './topics-source.ts';
import { type PulsarDelivery, Session } from './websocket-session.ts';
import { WebSocketTopic } from './websocket-topic.ts';

export interface WebSocketSourceOptions {
  readonly trigger: Trigger;
  readonly credentials: Credentials;
  /** What the broker knows the consumers by; absent: a name of its own. */
  readonly consumerName?: string;
  readonly logger: Logger;
  readonly random?: () => number;
  readonly timing?: Timing;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** Throws when the broker's URL or a topic name can never work. */
export function createWebSocketSource(options: WebSocketSourceOptions): Source {
  const numbering = createNumbering(Date.now());
  const names = uniqueTopics(options.trigger.source.topics);
  return createTopicsSource<PulsarDelivery>((hooks) => {
    const topics = names.map((name) => createTopic(name, options, numbering, hooks));
    return {
      topics,
      prepare: async () => {},
      request: (wanted) => {
        const sessions = topics.flatMap(({ session }) => session ?? []);
        if (sessions.length > 0) grantPermits(sessions, wanted);
      },
      hold: (held) => {
        for (const { session } of topics) session?.hold(held);
      },
      dispose: async () => {},
    };
  });
}

function createTopic(
  topic: TopicName,
  options: WebSocketSourceOptions,
  numbering: Numbering,
  hooks: DriverHooks<PulsarDelivery>,
): WebSocketTopic {
  const {
    trigger,
    credentials,
    consumerName,
    logger,
    timing = TIMING,
    now = () => performance.now(),
    random,
  } = options;
  const { broker, subscription } = trigger.source;
  const { minBackoff: min, maxBackoff: max, stable } = timing;
  const url = consumerUrl(trigger.source, topic, prefetch(trigger), consumerName);
  const names = { broker: brokerAddress(broker), topic: topic.full, subscription: subscription.name };
  let token: string | undefined;
  return new WebSocketTopic({
    open: (events) => {
      token = credentials.token();
      const tls = credentials.tls(url);
      const recordOf = (frame: Parameters<typeof recordOfFrame>[1]) => recordOfFrame(topic, frame, numbering);
      return new Session({ url, ...(token !== undefined && { token }), tls, timing, now, recordOf, events });
    },
    context: (): FailureContext => ({ ...names, now: Date.now(), ...(token !== undefined && { token }) }),
    backoff: createBackoff(random === undefined ? { min, max } : { min, max, random }),
    stable,
    now,
    logger,
    hooks,
  });
}

/** Where several consumers share a topic, what the broker's proxy holds for one is kept from the others. */
function prefetch({ source, delivery }: Trigger): number {
  const isShared = source.subscription.type === 'Shared' || source.subscription.type === 'Key_Shared';
  return isShared ? delivery.maxInFlight : delivery.buffer.records;
}
