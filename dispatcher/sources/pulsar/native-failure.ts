/** What the errors of the native client mean, as one sentence with its cure. */
import type { DisconnectReason } from '../../../api/dispatcher-status.ts';
import { messageOf } from '../../../common/errors.ts';
import type { Disconnection } from '../source.ts';
import type { FailureContext } from './connection-failure.ts';

/** The client's errors are texts such as `Failed to create consumer: AuthenticationError`. */
export function describeNativeError(error: unknown, context: Omit<FailureContext, 'token' | 'now'>): Disconnection {
  const message = messageOf(error);
  const { broker, topic, subscription } = context;
  const [, reason, sentence] = SENTENCES.find(([pattern]) => pattern.test(message)) ?? [];
  if (reason !== undefined && sentence !== undefined) return { reason, why: sentence(broker, topic, subscription) };
  if (message.startsWith('Failed to')) {
    return { reason: 'BrokerUnavailable', why: `Pulsar at ${broker} for ${topic}: ${message}` };
  }
  // What doesn't come from the client says itself what to do: a Secret can't be read.
  return { reason: 'CredentialsUnreadable', why: message };
}

type Sentence = (broker: string, topic: string, subscription: string) => string;

const SENTENCES: readonly (readonly [RegExp, DisconnectReason, Sentence])[] = [
  [
    /AuthenticationError/,
    'Unauthorized',
    (broker) => `Pulsar at ${broker} doesn't accept the token: check that it is valid and not expired`,
  ],
  [
    /AuthorizationError/,
    'Forbidden',
    (_, topic) => `the token's role may not consume ${topic}: grant it "consume" on the namespace or topic`,
  ],
  [
    /ConsumerBusy/,
    'SubscriptionBusy',
    (_, topic, subscription) =>
      `subscription "${subscription}" on ${topic} is in use in a way that admits no further consumer: ` +
      `stop the other consumer, or give this trigger another subscription name or type`,
  ],
  [
    /SubscriptionNotFound/,
    'SubscriptionInvalid',
    (_, topic, subscription) =>
      `subscription "${subscription}" on ${topic} doesn't exist and may not be made by subscribing: create it ` +
      `(pulsar-admin topics create-subscription), or let the namespace create subscriptions by itself`,
  ],
  [
    /NotAllowedError/,
    'SubscriptionInvalid',
    (_, topic, subscription) =>
      `Pulsar doesn't allow subscription "${subscription}" on ${topic}: set subscription.type to one that is allowed ` +
      `(pulsar-admin namespaces get-subscription-types-enabled), or raise the limits of the namespace`,
  ],
  [
    /TopicNotFound|NotFound/,
    'TopicNotFound',
    (_, topic) => `${topic}, its namespace or its tenant doesn't exist: create it, or correct the name`,
  ],
  [
    /ConnectError|Disconnected|NotConnected|Retryable/,
    'BrokerUnreachable',
    (broker) => `nothing answers at ${broker}: check that the broker runs`,
  ],
  [
    /LookupError|ServiceUnitNotReady/,
    'BrokerUnavailable',
    (broker, topic) => `Pulsar at ${broker} can't say where ${topic} is served`,
  ],
  [
    /TimeOut|Timeout/i,
    'BrokerUnreachable',
    (broker, topic) => `Pulsar at ${broker} didn't answer in time for ${topic}`,
  ],
];
