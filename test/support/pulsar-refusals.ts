/** Settings of a Pulsar that make it refuse a consumer for good, with what a trigger says of each. */
import type { PulsarSourceSpec } from '../../api/trigger.ts';

type Subscription = Partial<PulsarSourceSpec['subscription']>;

export interface PulsarRefusal {
  readonly name: string;
  /** Policies of the topic's namespace. */
  readonly policies?: Readonly<Record<string, unknown>>;
  /** The topic is there before, with so many partitions. */
  readonly partitions?: number;
  /** Consumes already. */
  readonly other?: { readonly topic?: string; readonly subscription: Subscription };
  readonly subscription?: Subscription;
  /** A topic of a namespace or tenant that isn't there. */
  readonly topic?: string;
  /** The token's role. Default: one that may consume in the namespace. */
  readonly role?: 'stranger' | 'admin';
  readonly reason: string;
  readonly why: RegExp;
}

const shared = (name: string): Subscription => ({ name, type: 'Shared' });

export const PULSAR_REFUSALS: readonly PulsarRefusal[] = [
  {
    name: 'a topic that may not be made by consuming it',
    policies: { autoTopicCreation: { allowAutoTopicCreation: false } },
    reason: 'TopicNotFound',
    why: /topic doesn't exist .*: create it, or let the namespace create topics by itself$/,
  },
  {
    name: 'a partition that is not there',
    partitions: 2,
    topic: 'topic-partition-7',
    reason: 'TopicNotFound',
    why: /topic-partition-7 doesn't exist/,
  },
  {
    name: 'more topics than the namespace may have',
    policies: { maxTopicsPerNamespace: 1 },
    other: { topic: 'first', subscription: {} },
    reason: 'TopicNotFound',
    why: /as many topics as it may have: .*set-max-topics-per-namespace/,
  },
  ...[undefined, 2].map((partitions) => ({
    name: `a subscription that may not be made by subscribing${partitions ? ', with partitions' : ''}`,
    policies: { autoSubscriptionCreation: { allowAutoSubscriptionCreation: false } },
    partitions: partitions ?? 0,
    reason: 'SubscriptionInvalid',
    why: /^subscription "test" on \S+ doesn't exist and may not be made by subscribing: create it/,
  })),
  {
    name: 'a type that is not allowed',
    policies: { subscriptionTypesEnabled: ['Shared'] },
    subscription: { type: 'Failover' },
    reason: 'SubscriptionInvalid',
    why: /aren't allowed on .*doesn't support Failover sub type!\): set subscription\.type/,
  },
  {
    name: 'more subscriptions than the topic may have',
    policies: { maxSubscriptionsPerTopic: 1 },
    other: { subscription: { name: 'first' } },
    reason: 'SubscriptionInvalid',
    why: /^there is no room for subscription "test" on .*: remove one that nobody uses, or raise the limit/,
  },
  {
    name: 'a name that does not begin with the role',
    policies: { subscriptionAuthMode: 'Prefix' },
    reason: 'Forbidden',
    why: /fails to decide .*: begin the subscription's name with the role where .* Prefix/,
  },
  {
    name: 'a tenant that is not there, to a role that may not see it',
    topic: 'persistent://no-such-tenant/ns/topic',
    reason: 'Forbidden',
    why: /fails to decide .* create the tenant where it doesn't exist/,
  },
  {
    name: 'a namespace that is not there, to a role that may not see it',
    topic: 'persistent://public/no-such-namespace/topic',
    reason: 'Forbidden',
    why: /role may not consume .*for a namespace that doesn't exist, create it/,
  },
  {
    name: 'a tenant that is not there, to a super-user',
    topic: 'persistent://no-such-tenant/ns/topic',
    role: 'admin',
    reason: 'TopicNotFound',
    why: /the tenant or namespace of \S+ doesn't exist/,
  },
  { name: 'a role without a grant', role: 'stranger', reason: 'Forbidden', why: /role may not consume .* grant it/ },
  {
    name: 'more consumers than the topic may have',
    policies: { maxConsumersPerTopic: 1 },
    other: { subscription: shared('first') },
    subscription: shared('test'),
    reason: 'SubscriptionBusy',
    why: /no room for another consumer .*Topic reached max consumers limit\): stop one/,
  },
  {
    name: 'more consumers than the subscription may have',
    policies: { maxConsumersPerSubscription: 1 },
    other: { subscription: shared('test') },
    subscription: shared('test'),
    reason: 'SubscriptionBusy',
    why: /no room for another consumer .*set-max-consumers-per-subscription/,
  },
  {
    name: 'another type than that of the first consumer',
    other: { subscription: shared('test') },
    subscription: { type: 'Failover' },
    reason: 'SubscriptionBusy',
    why: /admits no further consumer \(Subscription is of different type.*stop the other consumer/,
  },
  {
    name: 'a name that no address has room for',
    subscription: { name: 's'.repeat(9000) },
    reason: 'SubscriptionInvalid',
    why: /too long for an address of .*: shorten them$/,
  },
];
