/** The CloudEvents 1.0 attributes of a record: its own, where a producer set valid ones, and otherwise made of it. */
import type { EnvelopeProfile } from '../api/kinds/index.ts';
import { printEventTime } from './event-time.ts';
import { isToken } from './header-value.ts';
import type { SourceRecord } from './sources/source.ts';

/**
 * The attributes as a filter sees them: names without `ce-`, values as they are. `datacontenttype` is there only when
 * the record says its own.
 */
export function cloudEventAttributes(record: SourceRecord, profile: Pick<EnvelopeProfile, 'ceType'>): Attributes {
  const attributes: Record<string, string> = {
    specversion: '1.0',
    id: record.id,
    source: sourceOf(record.partition),
    type: profile.ceType,
    subject: record.position,
  };
  const time = printEventTime(record.time, 'rfc3339');
  if (time !== undefined) {
    attributes.time = time;
  }
  if (record.key !== undefined && record.key !== '') {
    attributes.partitionkey = record.key;
  }
  return Object.assign(attributes, sortAttributes(record.attributes).cloudEvent);
}

export type Attributes = Readonly<Record<string, string>>;

/** A record's attributes by what becomes of them. */
export interface SortedAttributes {
  /** Names without prefix; all valid. */
  readonly cloudEvent: Attributes;
  /** `traceparent` when it is valid, and then `tracestate`. */
  readonly trace: Attributes;
  /** Spelled as the producer did; every name is a token. */
  readonly others: Attributes;
  /** Names that no header can have. */
  readonly skipped: readonly string[];
}

/** Attributes named `ce-…`, `ce_…` or `cloudEvents:…` are CloudEvents ones; what isn't valid as such stays an ordinary one. */
export function sortAttributes(attributes: Attributes): SortedAttributes {
  if (isEmpty(attributes)) {
    return NO_ATTRIBUTES;
  }
  const cloudEvent: Record<string, string> = {};
  const others: Record<string, string> = {};
  const skipped: string[] = [];
  const trace = traceOf(attributes);
  for (const [name, value] of Object.entries(attributes)) {
    if (Object.hasOwn(trace, name)) {
      continue;
    }
    const attribute = cloudEventName(name);
    if (attribute === 'specversion' && value === '1.0') {
      continue;
    }
    if (attribute !== undefined && !Object.hasOwn(cloudEvent, attribute) && isValid(attribute, value)) {
      cloudEvent[attribute] = value;
    } else if (isToken(name)) {
      others[name] = value;
    } else {
      skipped.push(name);
    }
  }
  return { cloudEvent, trace, others, skipped };
}

const NO_ATTRIBUTES: SortedAttributes = { cloudEvent: {}, trace: {}, others: {}, skipped: [] };

function isEmpty(attributes: Attributes): boolean {
  // Most records have none: this is all that they cost.
  for (const name in attributes) {
    if (Object.hasOwn(attributes, name)) {
      return false;
    }
  }
  return true;
}

/** `ce-source`: the partition, as a URI reference. */
export function sourceOf(partition: string): string {
  if (URI_REFERENCE.test(partition)) {
    return partition;
  }
  return partition === '' ? '/' : partition.toWellFormed().split('/').map(encodeURIComponent).join('/');
}

/** The attribute that a property's name stands for; undefined when it stands for none. */
function cloudEventName(name: string): string | undefined {
  return CLOUD_EVENT_NAME.exec(name)?.[1]?.toLowerCase();
}

const CLOUD_EVENT_NAME = /^(?:ce[-_]|cloudEvents:)([a-z0-9]+)$/i;

function isValid(attribute: string, value: string): boolean {
  if (value === '' || FOREIGN.has(attribute)) {
    return false;
  }
  switch (attribute) {
    case 'source':
      return URI_REFERENCE.test(value);
    case 'dataschema':
      return URI.test(value);
    case 'time':
      return RFC_3339.test(value) && !Number.isNaN(Date.parse(value));
    case 'datacontenttype':
      return MEDIA_TYPE.test(value) && !value.toLowerCase().startsWith('application/cloudevents');
    default:
      return true;
  }
}

/** Not attributes of version 1.0: taken as such they would change what the event is. */
const FOREIGN: ReadonlySet<string> = new Set(['specversion', 'data', 'schemaurl', 'datacontentencoding']);

// RFC 3986, appendix B, with the characters that each part allows; without a scheme the first segment has no colon.
const SCHEME = '[a-z][a-z\\d+.-]*:';
const IP_LITERAL = '//(?:[^@/?#]*@)?\\[[\\da-f:.]+\\](?=[:/?#]|$)';
const PATH = "(?:[\\w\\-.~!$&'()*+,;=:@/]|%[\\da-f]{2})*";
const QUERY = "(?:[\\w\\-.~!$&'()*+,;=:@/?]|%[\\da-f]{2})*";
const REST = `(?:${IP_LITERAL})?${PATH}(?:\\?${QUERY})?(?:#${QUERY})?$`;
const URI = new RegExp(`^${SCHEME}${REST}`, 'i');
const URI_REFERENCE = new RegExp(`^(?:${SCHEME}|(?![^/?#]*:))(?=.)${REST}`, 'i');

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
/** Parameters are taken as they are, as long as a header can carry them. */
const MEDIA_TYPE = /^[!#$%&'*+\-.^`|~\w]+\/[!#$%&'*+\-.^`|~\w]+(?: *;[\x20-\x7e]*)?$/;

/** W3C Trace Context: the producer's span, taken over as the parent of the function's. */
function traceOf(attributes: Attributes): Attributes {
  const { traceparent, tracestate } = attributes;
  if (traceparent === undefined || !TRACEPARENT.test(traceparent)) {
    return {};
  }
  return tracestate !== undefined && TRACESTATE.test(tracestate) ? { traceparent, tracestate } : { traceparent };
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;
