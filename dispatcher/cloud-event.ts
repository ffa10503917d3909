/** The CloudEvents 1.0 attributes of a record: its own, where a producer set valid ones, and otherwise made of it. */
import type { EnvelopeProfile } from '../api/kinds/index.ts';
import { isRfc3339 } from '../common/rfc3339.ts';
import { isOwnContentType } from './content-type.ts';
import { knownTime, printEventTime } from './event-time.ts';
import { isToken } from './header-value.ts';
import { memo } from './memo.ts';
import type { SourceRecord } from './sources/source.ts';
import { isUri, isUriReference, uriReferenceOf } from './uri-reference.ts';

/**
 * The attributes as a filter sees them: names without `ce-`, values as they are. `datacontenttype` is there only when
 * the record says its own.
 */
export function cloudEventAttributes(
  record: SourceRecord,
  profile: Pick<EnvelopeProfile, 'ceType'>,
  takesContentType: TakesContentType = isOwnContentType,
): Attributes {
  const attributes: Record<string, string> = {
    specversion: '1.0',
    id: record.id,
    source: sourceOf(record.partition),
    type: profile.ceType,
    subject: record.position,
  };
  const time = printEventTime(knownTime(record.time), 'rfc3339');
  if (time !== undefined) {
    attributes.time = time;
  }
  if (record.key !== undefined && record.key !== '') {
    attributes.partitionkey = record.key;
  }
  const own = sortAttributes(record, takesContentType)?.cloudEvent ?? [];
  for (const [attribute, [, value]] of own) {
    attributes[attribute] = value;
  }
  return attributes;
}

export type Attributes = Readonly<Record<string, string>>;

/** An attribute as the producer spelled it. */
export type Property = readonly [name: string, value: string];

/** Whether a producer's own `datacontenttype` becomes the content type of its payload. */
export type TakesContentType = (type: string, payload: Buffer) => boolean;

/** A record's attributes by what becomes of them; each is in one of these. */
export interface SortedAttributes {
  /** By the attribute's name without prefix, in lower case; all valid. */
  readonly cloudEvent: ReadonlyMap<string, Property>;
  /** `traceparent` when it is valid, and then `tracestate`. */
  readonly trace: readonly Property[];
  /** By the name in lower case; every name is a token. */
  readonly others: ReadonlyMap<string, Property>;
  /** Names that no header can have, or that another attribute's header has already. */
  readonly skipped: readonly string[];
}

/**
 * Undefined where there are none, as in most records. Attributes named `ce-…`, `ce_…` or `cloudEvents:…` are CloudEvents ones; what isn't valid as such stays
 * an ordinary one. Names of headers don't differ by case: of several attributes for one header one is preferred, whatever
 * their order.
 */
export function sortAttributes(
  { attributes, payload }: Pick<SourceRecord, 'attributes' | 'payload'>,
  takesContentType: TakesContentType,
): SortedAttributes | undefined {
  if (isEmpty(attributes)) {
    return undefined;
  }
  const cloudEvent = new Map<string, Property>();
  const others = new Map<string, Property>();
  const skipped: string[] = [];
  const trace = traceOf(attributes);
  for (const property of Object.entries(attributes)) {
    const [name, value] = property;
    if (trace.some(([taken]) => taken === name)) {
      continue;
    }
    const attribute = cloudEventName(name);
    if (attribute === 'specversion' && value === '1.0') {
      continue;
    }
    const isOwn = attribute !== undefined && isValid(attribute, value);
    const isTaken = isOwn && (attribute !== 'datacontenttype' || takesContentType(value, payload));
    const ordinary = isTaken ? claim(cloudEvent, attribute, property) : property;
    if (ordinary === undefined) {
      continue;
    }
    const loser = isHeaderName(ordinary[0]) ? claim(others, ordinary[0].toLowerCase(), ordinary) : ordinary;
    if (loser !== undefined) {
      skipped.push(loser[0]);
    }
  }
  return { cloudEvent, trace, others, skipped };
}

function isEmpty(attributes: Attributes): boolean {
  // This is all that a record without any costs.
  for (const name in attributes) {
    if (Object.hasOwn(attributes, name)) {
      return false;
    }
  }
  return true;
}

/** Returns the property that can't have the place: this one, or the one that had it. */
function claim(places: Map<string, Property>, place: string, property: Property): Property | undefined {
  const holder = places.get(place);
  if (holder !== undefined && !isPreferred(property[0], holder[0])) {
    return property;
  }
  places.set(place, property);
  return holder;
}

/** `ce-` before `ce_` before `cloudEvents:`, and lower case before upper case. */
function isPreferred(name: string, other: string): boolean {
  const [lower, otherLower] = [name.toLowerCase(), other.toLowerCase()];
  return lower === otherLower ? name > other : lower < otherLower;
}

/** `ce-source`: the partition, as a URI reference. */
export const sourceOf = memo(uriReferenceOf);

/** The attribute that a property's name stands for; undefined when it stands for none. */
function cloudEventName(name: string): string | undefined {
  return name.length > MAX_NAME ? undefined : CLOUD_EVENT_NAME.exec(name)?.[1]?.toLowerCase();
}

const CLOUD_EVENT_NAME = /^(?:ce[-_]|cloudEvents:)([a-z0-9]+)$/i;

function isHeaderName(name: string): boolean {
  return name.length <= MAX_NAME && isToken(name);
}

/** Some servers refuse requests with a header name of more than 256 characters; prefixes have less than 56. */
const MAX_NAME = 200;

function isValid(attribute: string, value: string): boolean {
  if (value === '' || FOREIGN.has(attribute)) {
    return false;
  }
  switch (attribute) {
    case 'source':
      return isUriReference(value);
    case 'dataschema':
      return isUri(value);
    case 'time':
      return isRfc3339(value);
    case 'datacontenttype':
      return MEDIA_TYPE.test(value) && !value.toLowerCase().startsWith('application/cloudevents');
    default:
      return true;
  }
}

/** Not attributes of version 1.0: taken as such they would change what the event is. */
const FOREIGN: ReadonlySet<string> = new Set(['specversion', 'data', 'schemaurl', 'datacontentencoding']);

/** Parameters are taken as they are, as long as a header can carry them. */
const MEDIA_TYPE = /^[!#$%&'*+\-.^`|~\w]+\/[!#$%&'*+\-.^`|~\w]+(?: *;[\x20-\x7e]*)?$/;

/** W3C Trace Context: the producer's span, taken over as the parent of the function's. */
function traceOf({ traceparent, tracestate }: Attributes): readonly Property[] {
  if (traceparent === undefined || !TRACEPARENT.test(traceparent)) {
    return [];
  }
  const parent: Property = ['traceparent', traceparent];
  return tracestate !== undefined && TRACESTATE.test(tracestate) ? [parent, ['tracestate', tracestate]] : [parent];
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;
