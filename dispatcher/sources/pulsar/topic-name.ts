/** Names of Pulsar topics, short or full. */

export interface TopicName {
  readonly domain: 'persistent' | 'non-persistent';
  readonly tenant: string;
  readonly namespace: string;
  readonly topic: string;
  /** `persistent://tenant/namespace/topic` */
  readonly full: string;
}

/** Understands `topic`, `tenant/namespace/topic` and `persistent://tenant/namespace/topic`; throws an Error with the cure. */
export function parseTopicName(name: string): TopicName {
  const match = /^(?:(persistent|non-persistent):\/\/)?(.*)$/s.exec(name);
  const domain = match?.[1] === 'non-persistent' ? 'non-persistent' : 'persistent';
  const rest = match?.[2] ?? '';
  const parts = rest.split('/');
  const [tenant, namespace, topic] =
    parts.length === 1 && match?.[1] === undefined ? ['public', 'default', rest] : parts;
  if (rest.includes('://') || parts.length > 3 || !isEntity(tenant) || !isEntity(namespace) || !topic) {
    throw new Error(
      `topic ${JSON.stringify(name)} isn't a topic name: write "topic", "tenant/namespace/topic" or ` +
        `"persistent://tenant/namespace/topic" ("non-persistent://…" too); patterns aren't supported`,
    );
  }
  return { domain, tenant, namespace, topic, full: `${domain}://${tenant}/${namespace}/${topic}` };
}

/** As the broker has the names of tenants and namespaces. */
function isEntity(name: string | undefined): name is string {
  return name !== undefined && /^[-=:.\w]+$/.test(name);
}

/** Each topic once, however often and in whatever spelling a trigger names it. */
export function uniqueTopics(names: readonly string[]): readonly TopicName[] {
  return [...new Map(names.map(parseTopicName).map((topic) => [topic.full, topic])).values()];
}

/** `persistent/tenant/namespace/topic`, each part encoded for a URL. */
export function topicPath({ domain, tenant, namespace, topic }: TopicName): string {
  return [domain, tenant, namespace, topic].map(encodeURIComponent).join('/');
}

/** The full name of a partition; `index` is negative for a topic that has none, or whose name says it already. */
export function partitionName(full: string, index: number): string {
  if (index < 0 || full.endsWith(`-partition-${index}`)) return full;
  return `${full}-partition-${index}`;
}
