/** The few calls of Pulsar's admin REST API (v2) that tests need. */
import { isDeepStrictEqual } from 'node:util';
import { waitFor } from '../../support/wait-for.ts';
import type { PulsarEndpoint } from './index.ts';

export interface MessagePosition {
  readonly ledgerId: number;
  readonly entryId: number;
  /** The partition; -1, the default, is a topic without partitions. */
  readonly partitionIndex?: number;
}

export interface SubscriptionStats {
  readonly msgBacklog: number;
  readonly msgDelayed: number;
  readonly unackedMessages: number;
  readonly type: string;
  readonly consumers: readonly { readonly consumerName: string; readonly unackedMessages: number }[];
}

export interface BacklogQuota {
  /** Bytes. */
  readonly limitSize: number;
  readonly policy: 'producer_request_hold' | 'producer_exception' | 'consumer_backlog_eviction';
}

export interface TopicStats {
  readonly backlogQuotaLimitSize: number;
  readonly msgInCounter: number;
  readonly subscriptions: Readonly<Record<string, SubscriptionStats>>;
}

/** Topics are written `tenant/namespace/name`, or only `name` in `public/default`. Calls reject unless they get a 2xx. */
export interface PulsarAdmin {
  createTopic(topic: string): Promise<void>;
  createPartitionedTopic(topic: string, partitions: number): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  /** The broker gives the topic up and loads it again: every client loses its session. */
  unloadTopic(topic: string): Promise<void>;
  createSubscription(topic: string, subscription: string, initialPosition: 'earliest' | 'latest'): Promise<void>;
  /** Moves the cursor to a message, which is delivered again, or to the first one published at or after a time. */
  resetCursor(topic: string, subscription: string, to: MessagePosition | Date): Promise<void>;
  /** Sets a policy of one topic, such as `dispatchRate`, or removes it (undefined); resolves when the broker has it. */
  setTopicPolicy(topic: string, policy: string, value: unknown): Promise<void>;
  /** Resolves when the broker has it. */
  setBacklogQuota(topic: string, quota: BacklogQuota): Promise<void>;
  stats(topic: string): Promise<TopicStats>;
  partitionedStats(topic: string): Promise<TopicStats>;
  createTenant(tenant: string): Promise<void>;
  /** `namespace` is `tenant/name`. */
  createNamespace(namespace: string): Promise<void>;
  /** Sets a policy of a namespace, such as `maxTopicsPerNamespace`. */
  setNamespacePolicy(namespace: string, policy: string, value: unknown): Promise<void>;
  grant(namespace: string, role: string, actions: readonly ('produce' | 'consume')[]): Promise<void>;
  revoke(namespace: string, role: string): Promise<void>;
}

export function pulsarAdmin({ adminUrl, adminToken }: PulsarEndpoint): PulsarAdmin {
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${adminUrl}/admin/v2/${path}`, {
      method,
      headers: {
        ...(adminToken ? { authorization: `Bearer ${adminToken}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Pulsar admin ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  return {
    async createTopic(topic) {
      await call('PUT', topicPath(topic));
    },
    async createPartitionedTopic(topic, partitions) {
      await call('PUT', `${topicPath(topic)}/partitions`, partitions);
    },
    async deleteTopic(topic) {
      await call('DELETE', `${topicPath(topic)}?force=true`);
    },
    async unloadTopic(topic) {
      await call('PUT', `${topicPath(topic)}/unload`);
    },
    async createSubscription(topic, subscription, initialPosition) {
      const position = EDGES[initialPosition];
      await call('PUT', subscriptionPath(topic, subscription), position);
    },
    async resetCursor(topic, subscription, to) {
      const path = `${subscriptionPath(topic, subscription)}/resetcursor`;
      if (to instanceof Date) await call('POST', `${path}/${to.getTime()}`);
      else await call('POST', path, { partitionIndex: -1, ...to });
    },
    async setTopicPolicy(topic, policy, value) {
      const path = `${topicPath(topic)}/${policy}`;
      if (value === undefined) await call('DELETE', path);
      else await call('POST', path, value);
      const has = async () => isDeepStrictEqual(await call('GET', path), value);
      await waitFor(has, { interval: 50, what: `the broker to have ${policy} of ${topic}` });
    },
    async setBacklogQuota(topic, quota) {
      const path = topicPath(topic);
      await call('POST', `${path}/backlogQuota?backlogQuotaType=destination_storage`, quota);
      const has = async () => ((await call('GET', `${path}/stats`)) as TopicStats).backlogQuotaLimitSize;
      await waitFor(async () => (await has()) === quota.limitSize, { what: `the quota of ${topic}` });
    },
    async stats(topic) {
      return (await call('GET', `${topicPath(topic)}/stats`)) as TopicStats;
    },
    async partitionedStats(topic) {
      return (await call('GET', `${topicPath(topic)}/partitioned-stats?perPartition=false`)) as TopicStats;
    },
    async createTenant(tenant) {
      const clusters = (await call('GET', 'clusters')) as string[];
      await call('PUT', `tenants/${tenant}`, { adminRoles: [], allowedClusters: clusters });
    },
    async createNamespace(namespace) {
      await call('PUT', `namespaces/${namespace}`);
    },
    async setNamespacePolicy(namespace, policy, value) {
      await call('POST', `namespaces/${namespace}/${policy}`, value);
    },
    async grant(namespace, role, actions) {
      await call('POST', `namespaces/${namespace}/permissions/${encodeURIComponent(role)}`, actions);
    },
    async revoke(namespace, role) {
      await call('DELETE', `namespaces/${namespace}/permissions/${encodeURIComponent(role)}`);
    },
  };
}

/** The ids that stand for the ends of a topic; the largest 64-bit number doesn't fit a JavaScript number. */
const EDGES = {
  earliest: { ledgerId: -1, entryId: -1, partitionIndex: -1 },
  latest: { ledgerId: '9223372036854775807', entryId: '9223372036854775807', partitionIndex: -1 },
} as const;

function topicPath(topic: string): string {
  const full = topic.includes('/') ? topic : `public/default/${topic}`;
  return `persistent/${full.split('/').map(encodeURIComponent).join('/')}`;
}

function subscriptionPath(topic: string, subscription: string): string {
  return `${topicPath(topic)}/subscription/${encodeURIComponent(subscription)}`;
}
