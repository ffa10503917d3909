/** What Pulsar's statistics say of a subscription on one topic or partition, as far as it is needed. */

/** The admin API's answer; what isn't there isn't known. The broker counts entries: a batch of a producer is one. */
export interface SubscriptionStats {
  readonly type?: string;
  readonly msgBacklog?: number;
  /** Published to be delivered later. */
  readonly msgDelayed?: number;
  /** Of Shared and Key_Shared subscriptions; counts records. */
  readonly unackedMessages?: number;
  readonly blockedSubscriptionOnUnackedMsgs?: boolean;
  /** Of Exclusive and Failover subscriptions. */
  readonly activeConsumerName?: string;
  readonly consumers?: readonly ConsumerStats[];
  readonly dispatchThrottledMsgEventsBySubscriptionLimit?: number;
  readonly dispatchThrottledBytesEventsBySubscriptionLimit?: number;
  readonly dispatchThrottledMsgEventsByTopicLimit?: number;
  readonly dispatchThrottledBytesEventsByTopicLimit?: number;
  readonly dispatchThrottledMsgEventsByBrokerLimit?: number;
  readonly dispatchThrottledBytesEventsByBrokerLimit?: number;
}

export interface ConsumerStats {
  readonly consumerName?: string;
  readonly availablePermits?: number;
  readonly unackedMessages?: number;
  readonly blockedConsumerOnUnackedMsgs?: boolean;
}

export interface TopicStats {
  readonly backlogSize?: number;
  /** Bytes; negative: no limit. */
  readonly backlogQuotaLimitSize?: number;
  readonly subscriptions?: Readonly<Record<string, SubscriptionStats>>;
  /** By full name; of a partitioned topic. */
  readonly partitions?: Readonly<Record<string, TopicStats>>;
}

/** One topic without partitions, or one partition, and the subscription on it. */
export interface PartitionStats {
  readonly partition: string;
  readonly topic: TopicStats;
  readonly subscription: SubscriptionStats;
}

/** How many records of the backlog are due and not for other consumers; at most as many as there are. */
export function ownRecords(subscription: SubscriptionStats, consumerName: string): number {
  const { msgBacklog = 0, msgDelayed = 0, type, activeConsumerName, consumers = [] } = subscription;
  const due = Math.max(0, msgBacklog - msgDelayed);
  const others = othersOf(consumers, consumerName);
  if (others.length === 0) return due;
  if (type === 'Exclusive' || type === 'Failover') return activeConsumerName === consumerName ? due : 0;
  // With a key each record has one consumer, and one that takes no more lets its records wait.
  if (type === 'Key_Shared' && others.some(({ availablePermits = 0 }) => availablePermits <= 0)) return 0;
  return Math.max(0, due - others.reduce((sum, { unackedMessages = 0 }) => sum + unackedMessages, 0));
}

/** Whether it has its limit of unacknowledged records, itself or in the subscription. */
export function isAtUnackedLimit(
  { blockedSubscriptionOnUnackedMsgs, consumers = [] }: SubscriptionStats,
  consumerName: string,
): 'subscription' | 'consumer' | undefined {
  if (blockedSubscriptionOnUnackedMsgs) return 'subscription';
  const own = consumers.find((consumer) => consumer.consumerName === consumerName);
  return own?.blockedConsumerOnUnackedMsgs ? 'consumer' : undefined;
}

function othersOf(consumers: readonly ConsumerStats[], consumerName: string): readonly ConsumerStats[] {
  return consumers.filter((consumer) => consumer.consumerName !== consumerName);
}
