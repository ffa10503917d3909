/** What a Pulsar trigger consumes. */
import type { PulsarSourceSpec } from '../../../api/trigger.ts';
import type { Stream } from '../source.ts';
import { brokerAddress } from './endpoint.ts';
import { uniqueTopics } from './topic-name.ts';

/** One a topic; the broker counts by the address that the trigger gives. Throws like `createPulsarSource`. */
export function pulsarStreams({ broker, topics, subscription: { name } }: PulsarSourceSpec): readonly Stream[] {
  const address = brokerAddress(broker).toLowerCase();
  return uniqueTopics(topics).map(({ full }) => ({
    id: JSON.stringify([address, full, name]),
    description: `${full} by subscription ${name}`,
  }));
}
