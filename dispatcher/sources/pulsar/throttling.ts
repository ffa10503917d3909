/** Which of Pulsar's limits on the dispatch rate held records back between two looks. */
import type { SubscriptionStats } from './subscription-stats.ts';
import type { TopicName } from './topic-name.ts';

export interface RateLimit {
  readonly of: 'subscription' | 'topic' | 'broker';
  readonly unit: 'records' | 'bytes';
  /** What changes it. */
  command(topic: TopicName): string;
}

type Counter = Extract<keyof SubscriptionStats, `dispatchThrottled${string}`>;

const namespaceOf = ({ tenant, namespace }: TopicName) => `${tenant}/${namespace}`;
const ofSubscription = (topic: TopicName) =>
  `pulsar-admin namespaces set-subscription-dispatch-rate ${namespaceOf(topic)}, or topicPolicies for this topic`;
const ofTopic = (topic: TopicName) =>
  `pulsar-admin namespaces set-dispatch-rate ${namespaceOf(topic)}, or topicPolicies for this topic`;
const ofBroker = () => 'dispatchThrottlingRateInMsg and dispatchThrottlingRateInByte in broker.conf';

const LIMITS: readonly (readonly [Counter, RateLimit])[] = [
  ['dispatchThrottledMsgEventsBySubscriptionLimit', { of: 'subscription', unit: 'records', command: ofSubscription }],
  ['dispatchThrottledBytesEventsBySubscriptionLimit', { of: 'subscription', unit: 'bytes', command: ofSubscription }],
  ['dispatchThrottledMsgEventsByTopicLimit', { of: 'topic', unit: 'records', command: ofTopic }],
  ['dispatchThrottledBytesEventsByTopicLimit', { of: 'topic', unit: 'bytes', command: ofTopic }],
  ['dispatchThrottledMsgEventsByBrokerLimit', { of: 'broker', unit: 'records', command: ofBroker }],
  ['dispatchThrottledBytesEventsByBrokerLimit', { of: 'broker', unit: 'bytes', command: ofBroker }],
];

/** Undefined where no counter rose; brokers before 4.0 count none. */
export function throttledBy(before: SubscriptionStats, now: SubscriptionStats): RateLimit | undefined {
  const found = LIMITS.find(([counter]) => (now[counter] ?? 0) > (before[counter] ?? 0));
  return found?.[1];
}
