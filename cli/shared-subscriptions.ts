/** Triggers of one run that take records from each other. */
import type { Trigger } from '../api/trigger.ts';
import { brokerAddress } from '../dispatcher/sources/pulsar/endpoint.ts';
import { uniqueTopics } from '../dispatcher/sources/pulsar/topic-name.ts';
import { nameOf } from './triggers.ts';

/** One sentence for each topic that several of the triggers consume by the same subscription. */
export function sharedSubscriptions(triggers: readonly Trigger[]): readonly string[] {
  const consumers = triggers
    .filter(({ paused }) => !paused)
    .flatMap((trigger) => uniqueTopics(trigger.source.topics).map((topic) => ({ trigger, topic: topic.full })));
  const groups = Map.groupBy(consumers, ({ trigger, topic }) =>
    JSON.stringify([brokerAddress(trigger.source.broker).toLowerCase(), topic, trigger.source.subscription.name]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length < 2) return [];
    const names = group.map(({ trigger }) => nameOf(trigger)).join(' and ');
    return [
      `${names} consume ${first.topic} by the same subscription ${first.trigger.source.subscription.name}: each record ` +
        'goes to one of them only. Give each a subscription of its own (spec.pulsar.subscription.name).',
    ];
  });
}
