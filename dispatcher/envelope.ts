/** Makes the headers that a function gets with a record. */
import { type EnvelopeProfile, envelopeProfile } from '../api/kinds/index.ts';
import type { Trigger } from '../api/trigger.ts';
import { type Property, type SortedAttributes, sortAttributes, sourceOf } from './cloud-event.ts';
import { contentTypeOf, contentTypeRule } from './content-type.ts';
import { knownTime, printEventTime } from './event-time.ts';
import { HeaderList, headerBytes } from './header-list.ts';
import { encodeHeaderValue } from './header-value.ts';
import { memo } from './memo.ts';
import type { SourceRecord } from './sources/source.ts';

/** Names and values in turn, in a new array each time; at most 8 KiB together with the request line. */
export type Envelope = (record: SourceRecord) => string[];

export interface EnvelopeOptions {
  /** Called with each attribute of a record that is left out, or cut, for another reason than its size. */
  readonly onSkipped?: ((name: string) => void) | undefined;
  /** Where the request goes; the function by default. */
  readonly url?: string;
  /** Bytes of headers that the caller adds; none by default. */
  readonly reserved?: number;
  /** Milliseconds since the epoch; stands in for a record's time that isn't one. */
  readonly now?: () => number;
}

/** The profile is that of the trigger's kind unless another is given. */
export function createEnvelope(
  trigger: Trigger,
  profile: EnvelopeProfile = envelopeProfile(trigger.kind),
  options: EnvelopeOptions = {},
): Envelope {
  const { url = trigger.function.url, reserved = 0, now } = options;
  const headOf = createHeads(trigger, profile, MAX_BYTES - requestBytes(url) - reserved);
  const takesContentType = contentTypeRule(trigger.function.contentType);
  const encodedType = encodeHeaderValue(profile.ceType);

  return (record) => {
    const sorted = sortAttributes(record, takesContentType);
    const own = sorted?.cloudEvent;
    const head = headOf(contentType(record.payload, own?.get('datacontenttype')));
    const list = new HeaderList(head.headers.slice(), head.budget);
    const id = encodeHeaderValue(record.id);
    const time = knownTime(record.time, now);
    list.add('event-id', id);
    addEither(list, 'event-time', undefined, printEventTime(time, profile.eventTime));
    addEither(list, 'ce-id', encoded(own?.get('id')), id);
    addEither(list, 'ce-source', own?.get('source')?.[1], sourceOf(record.partition));
    addEither(list, 'ce-type', encoded(own?.get('type')), encodedType);
    addEither(list, 'ce-time', own?.get('time')?.[1], printEventTime(time, 'rfc3339'));
    offerEither(list, 'ce-subject', own?.get('subject'), record.position);
    offerEither(list, 'ce-partitionkey', own?.get('partitionkey'), record.key === '' ? undefined : record.key);
    if (record.redeliveries !== undefined) {
      list.offer('event-redeliveries', String(record.redeliveries));
    }
    if (sorted !== undefined) {
      offerAll(list, sorted, profile.attributePrefix);
      skipAll(list, sorted.skipped);
    }
    if (record.incomplete !== undefined) {
      skipAll(list, record.incomplete);
    }
    return list.finish();
  };

  function contentType(payload: Buffer, own: Property | undefined): string {
    return trigger.function.contentType ?? own?.[1] ?? contentTypeOf(payload, profile.json);
  }

  function skipAll(list: HeaderList, names: readonly string[]): void {
    for (const name of names) {
      list.truncate();
      options.onSkipped?.(name);
    }
  }
}

/** Of all that is sent ahead of the body: what the smallest of the common servers takes. */
const MAX_BYTES = 8192;
/** Of one attribute of the producer's in place of one of ours, so that the rest always fits. */
const MAX_OWN_BYTES = 1024;
/** Written before the others, each in its place. */
const WRITTEN: ReadonlySet<string> = new Set([
  'datacontenttype',
  'id',
  'partitionkey',
  'source',
  'subject',
  'time',
  'type',
]);

/** The headers that are the same for all records of one content type, and the bytes that are left for the others. */
interface Head {
  readonly headers: readonly string[];
  readonly budget: number;
}

function createHeads(trigger: Trigger, profile: EnvelopeProfile, budget: number): (contentType: string) => Head {
  const { eventNamespace } = profile;
  const constant = [
    ...['event-namespace', eventNamespace === 'trigger' ? trigger.namespace : eventNamespace],
    ...(profile.eventName ? ['event-name', trigger.name] : []),
    ...['ce-specversion', '1.0'],
  ];
  return memo((contentType) => {
    const headers = ['content-type', contentType, 'event-type', contentType, ...constant];
    return { headers, budget: budget - bytesOf(headers) };
  });
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

function encoded(property: Property | undefined): string | undefined {
  return property === undefined ? undefined : encodeHeaderValue(property[1]);
}

/** The producer's own value, unless it is so long that ours, where there is one, has to stand in. */
function addEither(list: HeaderList, name: string, own: string | undefined, ours: string | undefined): void {
  if (own !== undefined && own.length <= MAX_OWN_BYTES && list.hasRoom(name, own)) {
    list.addAttribute(name, own);
    return;
  }
  if (own !== undefined) {
    list.truncate();
  }
  if (ours !== undefined) {
    list.add(name, ours);
  }
}

/** The producer's own value, or else ours where there is one. */
function offerEither(list: HeaderList, name: string, own: Property | undefined, ours: string | undefined): void {
  if (own !== undefined) {
    list.offerAttribute(name, encodeHeaderValue(own[1]));
  } else if (ours !== undefined) {
    list.offer(name, encodeHeaderValue(ours));
  }
}

/** What isn't written yet, the most useful first. */
function offerAll(list: HeaderList, { trace, cloudEvent, others }: SortedAttributes, prefix: string): void {
  for (const [name, value] of trace) {
    // Printable, and not encoded: a tracer decodes nothing.
    list.offerAttribute(name, value);
  }
  for (const [attribute, [, value]] of cloudEvent) {
    if (!WRITTEN.has(attribute)) {
      list.offerAttribute(`ce-${attribute}`, attribute === 'dataschema' ? value : encodeHeaderValue(value));
    }
  }
  for (const [name, value] of others.values()) {
    list.offerAttribute(prefix + name, encodeHeaderValue(value));
  }
}
