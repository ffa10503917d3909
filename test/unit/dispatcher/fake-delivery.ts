/** Records for unit tests: everything has a default but the position. */
import type { Delivery, SourceRecord } from '../../../dispatcher/sources/source.ts';

export interface FakeDelivery extends Delivery {
  acks: number;
}

export function fakeDelivery(position: string, fields: Partial<SourceRecord> = {}): FakeDelivery {
  const partition = fields.partition ?? 'p';
  return {
    record: {
      partition,
      position,
      id: `${partition}/${position}`,
      time: 0,
      payload: Buffer.from(position),
      attributes: {},
      ...fields,
    },
    acks: 0,
    ack() {
      this.acks += 1;
    },
  };
}
