/** What an HTTP answer means that came instead of a WebSocket: one table from status and reason to a sentence with its cure. */
import type { DisconnectReason } from '../../../api/dispatcher-status.ts';
import type { Disconnection } from '../source.ts';
import { oneLine, reasonIn } from './broker-words.ts';
import type { FailureContext } from './connection-failure.ts';
import { tokenExpiry } from './credentials.ts';

export interface Refusal {
  readonly status: number;
  /** An error page, most often Jetty's. */
  readonly body: string;
  /** Where a redirect leads to. */
  readonly location?: string;
}

export function describeRefusal({ status, body, location = '' }: Refusal, context: FailureContext): Disconnection {
  const said = reasonIn(body, context.token);
  const row = ROWS.find(({ statuses, says }) => statuses.test(String(status)) && (says?.test(said) ?? true));
  const { reason, why } = row ?? UNKNOWN;
  return {
    reason,
    why: why({ ...context, status, said, location: oneLine(location.replace(AFTER_BASE, ''), context.token) }),
  };
}

/** What the URL of a broker doesn't have. */
const AFTER_BASE = /(?:\/ws\/v2\/consumer\/|[?#]).*$/;

interface Answer extends FailureContext {
  readonly status: number;
  /** The broker's own words. */
  readonly said: string;
  readonly location: string;
}

interface Row {
  /** The whole status. */
  readonly statuses: RegExp;
  /** Absent: any words. */
  readonly says?: RegExp;
  readonly reason: DisconnectReason;
  readonly why: (answer: Answer) => string;
}

/** The first that fits counts. */
const ROWS: readonly Row[] = [
  {
    statuses: /^400$/,
    says: /^Invalid query params/,
    reason: 'SubscriptionInvalid',
    why: ({ broker, topic, subscription, said }) =>
      `Pulsar at ${broker} doesn't accept the subscription "${subscription}" on ${topic}: ${said}`,
  },
  { statuses: /^401$/, reason: 'Unauthorized', why: unauthorized },
  {
    statuses: /^403$/,
    says: /authoriz/i,
    reason: 'Forbidden',
    why: ({ topic, subscription }) =>
      `the token's role may not consume ${topic} with subscription "${subscription}": ` +
      `grant it "consume" on the namespace or topic; for a namespace that doesn't exist, create it`,
  },
  {
    statuses: /^500$/,
    says: /^Server error$/,
    reason: 'Forbidden',
    why: ({ broker, topic, subscription }) =>
      `Pulsar at ${broker} fails to decide whether the token's role may consume ${topic} with subscription ` +
      `"${subscription}": begin the subscription's name with the role where the namespace has the subscription ` +
      `authentication mode Prefix, create the tenant where it doesn't exist, or else see the broker's log`,
  },
  {
    statuses: /^(?:404|500)$/,
    says: /\bsubscription (?:does not exist|not found)/i,
    reason: 'SubscriptionInvalid',
    why: ({ topic, subscription }) =>
      `subscription "${subscription}" on ${topic} doesn't exist and may not be made by subscribing: create it ` +
      `(pulsar-admin topics create-subscription), or let the namespace create subscriptions by itself`,
  },
  {
    statuses: /^404$/,
    says: /namespace|tenant|policies/i,
    reason: 'TopicNotFound',
    why: ({ topic }) => `the tenant or namespace of ${topic} doesn't exist: create it, or correct the topic name`,
  },
  {
    statuses: /^404$/,
    // Without more words where topics aren't made by themselves.
    says: /topic|^Failed to create producer\/consumer/i,
    reason: 'TopicNotFound',
    why: ({ topic, said }) =>
      `${topic} doesn't exist (${said}): create it, or let the namespace create topics by itself`,
  },
  {
    statuses: /^500$/,
    says: /maximum number of topics/,
    reason: 'TopicNotFound',
    why: ({ topic }) =>
      `${topic} doesn't exist and its namespace has as many topics as it may have: delete one, ` +
      `or raise the limit (pulsar-admin namespaces set-max-topics-per-namespace)`,
  },
  {
    statuses: /^500$/,
    says: /doesn't support \w+ sub type|subscription is disabled/,
    reason: 'SubscriptionInvalid',
    why: ({ topic, said }) =>
      `subscriptions of this type aren't allowed on ${topic} (${said}): set subscription.type to one that is, ` +
      `or allow it (pulsar-admin namespaces set-subscription-types-enabled)`,
  },
  {
    statuses: /^500$/,
    says: /maximum number of subscriptions/,
    reason: 'SubscriptionInvalid',
    why: ({ topic, subscription }) =>
      `there is no room for subscription "${subscription}" on ${topic}, which has as many as it may have: remove one ` +
      `that nobody uses, or raise the limit (pulsar-admin namespaces set-max-subscriptions-per-topic)`,
  },
  {
    statuses: /^409$/,
    says: /max consumers/,
    reason: 'SubscriptionBusy',
    why: ({ topic, said }) =>
      `there is no room for another consumer of ${topic} (${said}): stop one, lower scaling.replicas, or raise the ` +
      `limit (pulsar-admin namespaces set-max-consumers-per-topic or set-max-consumers-per-subscription)`,
  },
  {
    statuses: /^409$/,
    reason: 'SubscriptionBusy',
    why: ({ topic, subscription, said }) =>
      `subscription "${subscription}" on ${topic} is in use in a way that admits no further consumer (${said}): ` +
      `stop the other consumer, or give this trigger another subscription name or type`,
  },
  {
    statuses: /^414$/,
    reason: 'SubscriptionInvalid',
    why: ({ broker, topic, subscription }) =>
      `the names of topic and subscription (${topic.length} and ${subscription.length} characters) are too long for ` +
      `an address of ${broker}: shorten them`,
  },
  {
    statuses: /^(?:429|503)$/,
    reason: 'BrokerUnavailable',
    why: ({ broker, topic, said }) => `Pulsar at ${broker} is too busy or not ready for ${topic}: ${said}`,
  },
  {
    statuses: /^50[24]$/,
    reason: 'BrokerUnavailable',
    why: ({ broker, topic, status, said }) =>
      `the proxy at ${broker} got no answer from Pulsar for ${topic} (${status}, ${said}): check that Pulsar runs`,
  },
  {
    statuses: /^404$/,
    reason: 'ProtocolMismatch',
    why: ({ broker }) =>
      `${broker} has no WebSocket API at this address: set webSocketServiceEnabled=true, or correct the URL's path`,
  },
  {
    statuses: /^(?:405|426|501)$/,
    reason: 'ProtocolMismatch',
    why: ({ broker, status, said }) =>
      `${broker} got no request for a WebSocket (${status}, ${said}): let the proxy in between pass on the headers ` +
      `Upgrade and Connection`,
  },
  {
    statuses: /^407$/,
    reason: 'ProtocolMismatch',
    why: ({ broker }) =>
      `${broker} is a proxy that asks for a password, and no Pulsar: write the address of Pulsar's web service into broker`,
  },
  {
    statuses: /^3/,
    reason: 'ProtocolMismatch',
    why: ({ broker, status, location }) =>
      `${broker} redirects ${location === '' ? '' : `to ${location} `}(${status}), which isn't followed: write the ` +
      `address that it leads to into broker, with wss:// for https://`,
  },
  {
    statuses: /^2/,
    reason: 'ProtocolMismatch',
    why: ({ broker, said }) =>
      `${broker} answers with a page ("${said}") and no WebSocket: write the address of Pulsar's web service into broker`,
  },
  {
    statuses: /^4/,
    reason: 'Disconnected',
    why: answered,
  },
];

const UNKNOWN = { reason: 'BrokerUnavailable', why: answered } as const;

function answered({ broker, topic, status, said }: Answer): string {
  return `${broker} answered ${status} for ${topic}: ${said}`;
}

function unauthorized({ broker, token, now }: Answer): string {
  if (token === undefined) {
    return `Pulsar at ${broker} asks for a token and the trigger has none: set authTokenSecret`;
  }
  const expiry = tokenExpiry(token);
  if (expiry !== undefined && expiry <= now) {
    return `the token expired at ${new Date(expiry).toISOString()}: put a new one into the Secret of authTokenSecret`;
  }
  return `Pulsar at ${broker} doesn't accept the token: check that the broker's own key signed it`;
}
