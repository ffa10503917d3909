/** A trigger's filters as a question to a record. */
import { envelopeProfile } from '../api/kinds/index.ts';
import type { Trigger } from '../api/trigger.ts';
import { cloudEventAttributes } from './cloud-event.ts';
import { contentTypeRule } from './content-type.ts';
import { compileFilter } from './filter.ts';
import { dataOf } from './payload-data.ts';
import type { SourceRecord } from './sources/source.ts';

/**
 * Undefined where the trigger has no filters, so that a record then costs nothing. `onUndecided` is called for each record
 * that passes because an expression failed.
 */
export function createRecordFilter(
  trigger: Trigger,
  onUndecided?: () => void,
): ((record: SourceRecord) => boolean) | undefined {
  if (trigger.filters.length === 0) return undefined;
  const passes = compileFilter(trigger.filters, onUndecided);
  const profile = envelopeProfile(trigger.kind);
  const takesContentType = contentTypeRule(trigger.function.contentType);
  return (record) => passes(cloudEventAttributes(record, profile, takesContentType), () => dataOf(record.payload));
}
