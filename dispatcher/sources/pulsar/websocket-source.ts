/** The Pulsar source over the WebSocket API: one connection a topic, and never more records than were permitted. */
import type { Trigger } from '../../../api/trigger.ts';
import { createBackoff } from '../../../common/backoff.ts';
import type { Logger } from '../../../common/logger.ts';
import type { Source } from '../source.ts';
import { describeSilence, type FailureContext } from './connection-failure.ts';
import type { Credentials } from './credentials.ts';
import { brokerAddress, consumerUrl } from './endpoint.ts';
import { grantPermits } from './permits.ts';
import { bytesAhead, mostAhead, Prefetch } from './prefetch.ts';
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
  const { trigger, timing = TIMING, now = () => performance.now() } = options;
  const { queue, ahead } = shareOut(trigger);
  const prefetch = new Prefetch(bytesAhead(trigger), ahead, now);
  return createTopicsSource<PulsarDelivery>(prefetch, (hooks) => {
    const topics = names.map((name) => createTopic(name, queue, options, numbering, hooks));
    return {
      topics,
      unanswered: {
        after: timing.firstAnswer,
        failure: describeSilence(
          brokerAddress(trigger.source.broker),
          timing.firstAnswer,
          'web service port (8080, 8443)',
        ),
      },
      prepare: async () => {},
      request: (wanted, ahead) => {
        const sessions = topics.flatMap(({ session }) => session ?? []);
        if (sessions.length > 0) grantPermits(sessions, Math.max(wanted, ahead));
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
  queue: number,
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
  const url = consumerUrl(trigger.source, topic, queue, consumerName);
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

/** How many records the broker's proxy may hold of each partition, and how many may be ahead on this side. */
function shareOut(trigger: Trigger): { readonly queue: number; readonly ahead: number } {
  const most = mostAhead(trigger);
  const { type } = trigger.source.subscription;
  if (type === 'Exclusive' || type === 'Failover') return { queue: most, ahead: most };
  // What one consumer prefetches is kept from the others, on whichever side it is.
  return { queue: Math.ceil(most / 2), ahead: Math.floor(most / 2) };
}
