/** Which lane a record belongs to. */
import type { DeliverySpec } from '../api/trigger.ts';
import type { SourceRecord } from './sources/source.ts';

/** Without order a lane is one record, so that a second arrival still never runs beside the first. */
export function laneKey({ partition, key, position }: SourceRecord, order: DeliverySpec['order']): string {
  if (order === 'none') return `${partition}\u0000${position}`;
  return order === 'partition' || key === undefined ? partition : `${partition}\u0000${key}`;
}
