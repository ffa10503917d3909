/** What a trigger consumes and where it goes, in short and without credentials, for a status. */
import type { Trigger } from '../../api/trigger.ts';
import { maskUrl } from '../../common/mask-url.ts';
import type { TriggerStatus } from '../kube/objects.ts';
import { plainText } from './plain-text.ts';

export type Subject = Pick<TriggerStatus, 'source' | 'subscription' | 'broker' | 'function'>;

export function subjectOf({ source, function: { url } }: Trigger): Subject {
  const [first = '', ...others] = source.topics;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return {
    source: `${plainText(first)}${more}`,
    subscription: plainText(source.subscription.name),
    broker: plainText(maskUrl(source.broker)),
    function: plainText(maskUrl(url)),
  };
}
