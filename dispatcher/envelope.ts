/** Makes the headers that a function gets with a record. */
import { type EnvelopeProfile, envelopeProfile } from '../api/kinds/index.ts';
import type { Trigger } from '../api/trigger.ts';
import { type Attributes, sortAttributes, sourceOf } from './cloud-event.ts';
import { contentTypeOf, isJson } from './content-type.ts';
import { printEventTime } from './event-time.ts';
import { HeaderList, headerBytes } from './header-list.ts';
import { encodeHeaderValue } from './header-value.ts';
import type { SourceRecord } from './sources/source.ts';

/** Names and values in turn, in a new array each time; at most 8 KiB together with the request line. */
export type Envelope = (record: SourceRecord) => string[];

export interface EnvelopeOptions {
  /** Called with each attribute of a record that no header can carry because of its name. */
  readonly onSkipped?: ((name: string) => void) | undefined;
}

/** The profile is that of the trigger's kind unless another is given. */
export function createEnvelope(
  trigger: Trigger,
  profile: EnvelopeProfile = envelopeProfile(trigger.kind),
  options: EnvelopeOptions = {},
): Envelope {
  const headOf = createHeads(trigger, profile);
  const encodedType = encodeHeaderValue(profile.ceType);
  const encodedSourceOf = remember((partition: string) => encodeHeaderValue(sourceOf(partition)));

  return (record) => {
    const { cloudEvent, trace, others, skipped } = sortAttributes(record.attributes);
    const head = headOf(contentType(record.payload, cloudEvent.datacontenttype));
    const list = new HeaderList(head.headers.slice(), head.budget);
    const id = encodeHeaderValue(record.id);
    list.add('event-id', id);
    addOwn(list, 'event-time', undefined, printEventTime(record.time, profile.eventTime));
    addOwn(list, 'ce-id', cloudEvent.id, id);
    addOwn(list, 'ce-source', cloudEvent.source, encodedSourceOf(record.partition));
    addOwn(list, 'ce-type', cloudEvent.type, encodedType);
    addOwn(list, 'ce-time', cloudEvent.time, printEventTime(record.time, 'rfc3339'));
    list.offer('ce-subject', encodeHeaderValue(cloudEvent.subject ?? record.position));
    const partitionKey = cloudEvent.partitionkey ?? record.key;
    if (partitionKey !== undefined && partitionKey !== '') {
      list.offer('ce-partitionkey', encodeHeaderValue(partitionKey));
    }
    if (record.redeliveries !== undefined) {
      list.offer('event-redeliveries', String(record.redeliveries));
    }
    offerAll(list, '', trace);
    offerAll(list, 'ce-', cloudEvent);
    offerAll(list, profile.attributePrefix, others);
    for (const name of skipped) {
      options.onSkipped?.(name);
    }
    return list.finish();
  };

  function contentType(payload: Buffer, own: string | undefined): string {
    if (trigger.function.contentType !== undefined) {
      return trigger.function.contentType;
    }
    // A receiver parses what is called JSON, so a wrong claim isn't passed on.
    if (own !== undefined && own.length <= MAX_OWN_BYTES && (!/json/i.test(own) || isJson(payload))) {
      return own;
    }
    return contentTypeOf(payload, profile.json);
  }
}

/** Of all that is sent ahead of the body: what the smallest of the common servers takes. */
const MAX_BYTES = 8192;
/** Of one attribute of the producer's in place of one of ours, so that the rest always fits. */
const MAX_OWN_BYTES = 1024;
/** Written before the others, each in its place. */
const WRITTEN: ReadonlySet<string> = new Set(
  ['datacontenttype', 'id', 'partitionkey', 'source', 'subject', 'time', 'type'].map((name) => `ce-${name}`),
);

/** The headers that are the same for all records of one content type, and the bytes that are left for the others. */
interface Head {
  readonly headers: readonly string[];
  readonly budget: number;
}

function createHeads(trigger: Trigger, profile: EnvelopeProfile): (contentType: string) => Head {
  const { eventNamespace } = profile;
  const constant = [
    ...['event-namespace', eventNamespace === 'trigger' ? trigger.namespace : eventNamespace],
    ...(profile.eventName ? ['event-name', trigger.name] : []),
    ...['ce-specversion', '1.0'],
  ];
  return remember((contentType) => {
    const headers = ['content-type', contentType, 'event-type', contentType, ...constant];
    return { headers, budget: MAX_BYTES - requestBytes(trigger.function.url) - bytesOf(headers) };
  });
}

/** Keeps the first results: partitions and content types are few, but producers could name any number of them. */
function remember<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) {
      return found;
    }
    const made = make(text);
    if (known.size < 256) {
      known.set(text, made);
    }
    return made;
  };
}

/** What isn't ours: the request line, Host, Authorization, Connection and Content-Length. */
function requestBytes(url: string): number {
  return Math.min(2 * url.length, MAX_BYTES / 2) + 128;
}

function bytesOf(headers: readonly string[]): number {
  let bytes = 0;
  for (let i = 0; i < headers.length; i += 2) {
    bytes += headerBytes(headers[i] ?? '', headers[i + 1] ?? '');
  }
  return bytes;
}

/** The producer's own value, unless it is so long that ours, where there is one, has to stand in. */
function addOwn(list: HeaderList, name: string, own: string | undefined, ours: string | undefined): void {
  const value = own === undefined ? undefined : encodeHeaderValue(own);
  if (value !== undefined && value.length <= MAX_OWN_BYTES) {
    list.add(name, value);
    return;
  }
  if (value !== undefined) {
    list.truncate();
  }
  if (ours !== undefined) {
    list.add(name, ours);
  }
}

function offerAll(list: HeaderList, prefix: string, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    const header = prefix + name;
    if (!WRITTEN.has(header)) {
      list.offer(header, encodeHeaderValue(value));
    }
  }
}
