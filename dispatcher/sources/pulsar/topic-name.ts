/** Names of Pulsar topics as brokers have them. */
import { parseTopicName, type TopicName } from '../../../api/kinds/pulsar-names.ts';

export { parseTopicName, type TopicName } from '../../../api/kinds/pulsar-names.ts';

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
