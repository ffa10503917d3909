/** Triggers of one run that take records from each other. */
import type { Trigger } from '../api/trigger.ts';
import { streamsOf } from '../dispatcher/sources/index.ts';
import { nameOf } from './triggers.ts';

/** One sentence for each stream that several of the triggers consume. Rejects where a source can never work. */
export async function sharedStreams(triggers: readonly Trigger[]): Promise<readonly string[]> {
  const active = triggers.filter(({ paused }) => !paused);
  const each = active.map(async (trigger) =>
    (await streamsOf(trigger)).map((stream) => ({ ...stream, trigger: nameOf(trigger) })),
  );
  const groups = Map.groupBy((await Promise.all(each)).flat(), ({ id }) => id);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length < 2) return [];
    const names = group.map(({ trigger }) => trigger).join(' and ');
    return [
      `${names} consume ${first.description}: each record goes to one of them only. Give each a subscription of its own ` +
        '(spec.pulsar.subscription.name).',
    ];
  });
}
