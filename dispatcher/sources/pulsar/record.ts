/** What Pulsar hands over, as a SourceRecord. */
import { parseRfc3339 } from '../../../common/rfc3339.ts';
import { isRecordTime } from '../record-time.ts';
import type { SourceRecord } from '../source.ts';
import { decodeMessageId, eventIdOf, type MessageId, positionOf } from './message-id.ts';
import { propertiesOf } from './properties.ts';
import { partitionName, type TopicName } from './topic-name.ts';

/** A record before it has an identity. */
export interface RecordContent {
  readonly key?: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly payload: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly incomplete?: readonly string[];
  readonly redeliveries?: number;
}

/** Numbers the records of a non-persistent topic, which the broker doesn't; see `createNumbering`. */
export type Numbering = (topic: TopicName, id: MessageId) => MessageId;

/** Puts content under the identity that its message id gives it. */
export function makeRecord(topic: TopicName, id: MessageId, content: RecordContent): SourceRecord {
  const identity = {
    partition: partitionName(topic.full, id.partition),
    position: positionOf(id),
    id: eventIdOf(id),
  };
  if (id.batchSize <= 1) return { ...identity, ...content };
  return { ...identity, ...content, batch: { id: `${id.ledger}:${id.entry}`, size: id.batchSize } };
}

/**
 * In milliseconds since the epoch: the producer's event time where it is one, otherwise the time of publishing, and
 * otherwise that of receipt. Pulsar's event times are greater than 0; many producers set microseconds by mistake.
 */
export function timeOf(eventTime: number, publishTime: number, now: () => number = Date.now): number {
  if (eventTime > 0 && isRecordTime(eventTime)) return eventTime;
  return isRecordTime(publishTime) ? publishTime : now();
}

/** A frame of the WebSocket API: `{messageId, payload, properties, publishTime, eventTime?, key?, redeliveryCount}`. */
export interface Frame {
  readonly messageId: string;
  readonly payload?: string;
  readonly properties?: Record<string, string>;
  readonly publishTime: string;
  readonly eventTime?: string;
  readonly key?: string;
  readonly redeliveryCount?: number;
}

/** Throws when the message id isn't one. Keys that aren't text come as base64 from the broker, and stay so. */
export function recordOfFrame(topic: TopicName, frame: Frame, numbering: Numbering, now?: () => number): SourceRecord {
  const id = numbering(topic, decodeMessageId(Buffer.from(frame.messageId, 'base64')));
  const content = {
    time: timeOf(timeIn(frame.eventTime), timeIn(frame.publishTime), now),
    payload: Buffer.from(frame.payload ?? '', 'base64'),
    ...propertiesOf(frame.properties ?? {}),
    ...(frame.redeliveryCount && { redeliveries: frame.redeliveryCount }),
  };
  return makeRecord(topic, id, frame.key === undefined ? content : { ...content, key: frame.key });
}

function timeIn(text: string | undefined): number {
  return text === undefined ? Number.NaN : parseRfc3339(text);
}

/**
 * All messages of a non-persistent topic say ledger 0, entry 0. They are never delivered again, so numbers of our own do:
 * `epoch` (milliseconds, at the start of the process) for the ledger, a count for the entry.
 */
export function createNumbering(epoch: number): Numbering {
  let count = 0;
  return (topic, id) => {
    if (topic.domain === 'persistent') return id;
    return { ...id, ledger: epoch, entry: count++, batchIndex: -1, batchSize: 0 };
  };
}
