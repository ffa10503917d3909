/** What the errors of the native client mean, as one sentence with its cure. */
import { messageOf } from '../../../common/errors.ts';
import type { FailureContext } from './connection-failure.ts';

/** The client's errors are texts such as `Failed to create consumer: AuthenticationError`. */
export function describeNativeError(error: unknown, context: Omit<FailureContext, 'token' | 'now'>): string {
  const message = messageOf(error);
  const { broker, topic, subscription } = context;
  const sentence = SENTENCES.find(([pattern]) => pattern.test(message))?.[1];
  if (sentence !== undefined) return sentence(broker, topic, subscription);
  // What doesn't come from the client says itself what to do, such as a Secret that can't be read.
  return message.startsWith('Failed to') ? `Pulsar at ${broker} for ${topic}: ${message}` : message;
}

type Sentence = (broker: string, topic: string, subscription: string) => string;

const SENTENCES: readonly (readonly [RegExp, Sentence])[] = [
  [
    /AuthenticationError/,
    (broker) => `Pulsar at ${broker} doesn't accept the token: check that it is valid and not expired`,
  ],
  [
    /AuthorizationError/,
    (_, topic) => `the token's role may not consume ${topic}: grant it "consume" on the namespace or topic`,
  ],
  [
    /ConsumerBusy/,
    (_, topic, subscription) =>
      `subscription "${subscription}" on ${topic} is in use in a way that admits no further consumer: ` +
      `stop the other consumer, or give this trigger another subscription name or type`,
  ],
  [
    /TopicNotFound|NotFound/,
    (_, topic) => `${topic}, its namespace or its tenant doesn't exist: create it, or correct the name`,
  ],
  [
    /ConnectError|Disconnected|NotConnected|Retryable/,
    (broker) => `nothing answers at ${broker}: check that the broker runs`,
  ],
  [/LookupError|ServiceUnitNotReady/, (broker, topic) => `Pulsar at ${broker} can't say where ${topic} is served`],
  [/TimeOut|Timeout/i, (broker, topic) => `Pulsar at ${broker} didn't answer in time for ${topic}`],
];
