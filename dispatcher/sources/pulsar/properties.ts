/** The properties of a message as the attributes of a record, by one rule for both drivers. */
import type { SourceRecord } from '../source.ts';

export type Properties = Pick<SourceRecord, 'attributes' | 'incomplete'>;

/** Of the WebSocket API an object, of the native client an array with named elements. */
export type GivenProperties = Readonly<Record<string, string>> | readonly string[];

/**
 * Names and values end at their first NUL, because the native client ends them there; what was cut is `incomplete`. A name
 * that is the same as another then gives way.
 */
export function propertiesOf(given: GivenProperties): Properties {
  const attributes = isArray(given) ? namedElements(given) : given;
  for (const name in attributes) {
    if (name.includes(NUL) || attributes[name]?.includes(NUL)) return cut(attributes);
  }
  return { attributes };
}

/** `Array.isArray` doesn't tell a readonly array from an object. */
function isArray(given: GivenProperties): given is readonly string[] {
  return Array.isArray(given);
}

const NUL = '\0';

function cut(given: Readonly<Record<string, string>>): Properties {
  const attributes = emptyAttributes();
  const incomplete: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const [shortName, shortValue] = [beforeNul(name), beforeNul(value)];
    if (shortName !== name || shortValue !== value) incomplete.push(name);
    const isFree = shortName === name || !(Object.hasOwn(given, shortName) || Object.hasOwn(attributes, shortName));
    if (isFree && (shortName !== '' || name === '')) attributes[shortName] = shortValue;
  }
  return { attributes, incomplete };
}

function beforeNul(text: string): string {
  const end = text.indexOf(NUL);
  return end < 0 ? text : text.slice(0, end);
}

/** The client sets a property named `length` as the array's own. */
function namedElements(given: readonly string[]): Readonly<Record<string, string>> {
  const attributes = emptyAttributes();
  for (const [name, value] of Object.entries(given)) attributes[name] = value;
  const isNamed = given.length > 0 && !Object.hasOwn(given, given.length - 1);
  if (isNamed) attributes.length = String(given.length);
  return attributes;
}

/** Without a prototype, whose `__proto__` would take that name's value. */
function emptyAttributes(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}
