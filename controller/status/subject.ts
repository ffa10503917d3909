/** What a trigger consumes, in short, for a status. */
import type { Trigger } from '../../api/trigger.ts';
import type { TriggerStatus } from '../kube/objects.ts';
import { plainText } from './plain-text.ts';

export function subjectOf({ source }: Trigger): Pick<TriggerStatus, 'source' | 'subscription'> {
  const [first = '', ...others] = source.topics;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return { source: `${plainText(first)}${more}`, subscription: plainText(source.subscription.name) };
}
