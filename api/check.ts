/** Checks a value against a schema of ours and says in words what is wrong with it. */
import { parseDuration } from '../common/duration.ts';
import { parseQuantity } from '../common/quantity.ts';
import { nearest } from './nearest.ts';
import { show } from './show.ts';
import type { Problem } from './trigger.ts';
import { hasControl, schemeOf, urlMistake } from './url.ts';

/** The part of JSON Schema that the API is declared in, with our own keywords. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-duration'?: { readonly min: string; readonly max: string };
  readonly 'x-quantity'?: { readonly min: string; readonly max: string };
  readonly 'x-schemes'?: readonly string[];
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** All problems of `value`, each with its path below `path`. Objects are closed: a field that isn't known is a problem. */
export function check(schema: Schema, value: unknown, path: string): readonly Problem[] {
  const mistake = mistakeIn(schema, value, path);
  if (mistake !== undefined) return [{ path, message: mistake, cure: `Write ${missingIn(value, schema)}.` }];
  if (schema.type === 'array' && Array.isArray(value)) return checkItems(schema, value, path);
  if (schema.type === 'object' && isObject(value)) return checkFields(schema, value, path);
  return [];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What to write instead of this value: what it already has isn't said again. */
function missingIn(value: unknown, schema: Schema): string {
  const scheme = typeof value === 'string' && schemeOf(value, schema['x-schemes'] ?? []);
  if (!scheme) return expected(schema);
  if ([...value].length > (schema.maxLength ?? Number.POSITIVE_INFINITY))
    return `at most ${schema.maxLength} characters`;
  if (hasControl(value.trim())) return 'it without that character';
  return `a host after ${scheme}://, and behind it, after a colon, a port up to 65535 where one is needed`;
}

/** What a value of this schema is, in words, with its bounds. */
function expected(schema: Schema): string {
  const { minimum, maximum, maxLength } = schema;
  const { 'x-duration': duration, 'x-quantity': quantity, 'x-schemes': schemes } = schema;
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  if (duration !== undefined) return `a duration from ${duration.min} to ${duration.max}, such as 500ms, 90s or 1h30m`;
  if (quantity !== undefined) return `an amount from ${quantity.min} to ${quantity.max}, such as 64Mi`;
  if (schemes !== undefined) return `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  if (schema.type === 'integer') return `a whole number${range(minimum, maximum)}`;
  if (schema.type === 'number') return `a number${range(minimum, maximum)}`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'array') return `a list of ${schema.minItems ?? 0} to ${schema.maxItems} entries`;
  if (schema.type === 'string') return `text of ${schema.minLength ?? 0} to ${maxLength} characters${charset(schema)}`;
  return `an object${fields(schema)}`;
}

function fields({ properties }: Schema): string {
  return properties === undefined ? '' : ` with fields ${Object.keys(properties).join(', ')}`;
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  return minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`;
}

function charset(schema: Schema): string {
  return schema.pattern === undefined ? '' : ` that match ${schema.pattern}`;
}

function mistakeIn(schema: Schema, value: unknown, path: string): string | undefined {
  if (value === null) return 'is empty';
  const offending = show(value, path);
  if (!hasType(schema, value)) return `is ${offending}, which isn't ${expected(schema)}`;
  if (typeof value === 'string') return mistakeInText(schema, value, offending);
  if (typeof value === 'number') return mistakeInNumber(schema, value);
  if (!Array.isArray(value)) return undefined;
  if (value.length < (schema.minItems ?? 0)) return `has ${value.length} entries, fewer than ${schema.minItems}`;
  if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) {
    return `has ${value.length} entries, more than ${schema.maxItems}`;
  }
  return undefined;
}

function hasType(schema: Schema, value: unknown): boolean {
  if (schema.enum !== undefined) return schema.enum.includes(value);
  if (schema.type === 'array') return Array.isArray(value);
  if (schema.type === 'object') return isObject(value);
  if (schema.type === 'integer') return Number.isSafeInteger(value);
  if (schema.type === 'number') return Number.isFinite(value);
  return typeof value === schema.type;
}

function mistakeInText(schema: Schema, value: string, offending: string): string | undefined {
  const length = [...value].length;
  if (length < (schema.minLength ?? 0)) return 'is empty';
  if (length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) {
    return `has ${length} characters, more than ${schema.maxLength}`;
  }
  const { 'x-duration': duration, 'x-quantity': quantity, 'x-schemes': schemes } = schema;
  if (duration !== undefined) return mistakeInDuration(duration, value, offending);
  if (quantity !== undefined) {
    return parseQuantity(value) === undefined ? `is ${offending}, which isn't ${expected(schema)}` : undefined;
  }
  if (schemes !== undefined) {
    const mistake = urlMistake(value, schemes);
    return mistake === undefined ? undefined : `is ${offending}: ${mistake}`;
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
    return `is ${offending}, which doesn't match ${schema.pattern}`;
  }
  return undefined;
}

function mistakeInDuration(bounds: { min: string; max: string }, value: string, offending: string): string | undefined {
  const milliseconds = parseDuration(value);
  if (milliseconds === undefined) return `is ${offending}, which isn't a duration`;
  if (milliseconds < (parseDuration(bounds.min) ?? 0)) return `is ${offending}, which is less than ${bounds.min}`;
  if (milliseconds > (parseDuration(bounds.max) ?? 0)) return `is ${offending}, which is more than ${bounds.max}`;
  return undefined;
}

function mistakeInNumber(schema: Schema, value: number): string | undefined {
  if (value < (schema.minimum ?? Number.NEGATIVE_INFINITY)) return `is ${value}, which is less than ${schema.minimum}`;
  if (value > (schema.maximum ?? Number.POSITIVE_INFINITY)) return `is ${value}, which is more than ${schema.maximum}`;
  return undefined;
}

function checkItems(schema: Schema, value: readonly unknown[], path: string): readonly Problem[] {
  const { items } = schema;
  // What the schema leaves open is checked by whoever knows it.
  if (items === undefined || items['x-kubernetes-preserve-unknown-fields'] === true) return [];
  const isSet = schema['x-kubernetes-list-type'] === 'set';
  return value.flatMap((item, index) => {
    const here = `${path}[${index}]`;
    if (isSet && value.indexOf(item) < index) {
      const message = `is ${show(item, here)}, as ${path}[${value.indexOf(item)}] is`;
      return [{ path: here, message, cure: 'Remove one of them.' }];
    }
    return check(items, item, here);
  });
}

function checkFields(schema: Schema, value: Readonly<Record<string, unknown>>, path: string): readonly Problem[] {
  const { properties, required = [] } = schema;
  if (properties === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  const known = Object.keys(properties);
  const missing = required
    .filter((name) => !Object.hasOwn(value, name) || value[name] === undefined)
    .map((name) => ({
      path: `${path}.${name}`,
      message: 'is missing',
      cure: `Write ${expected(properties[name] ?? {})}.`,
    }));
  const present = Object.entries(value).flatMap(([name, field]) => {
    if (field === undefined) return [];
    const property = known.includes(name) ? properties[name] : undefined;
    return property === undefined ? [unknownField(name, known, path)] : check(property, field, `${path}.${name}`);
  });
  return [...missing, ...present];
}

export function unknownField(name: string, known: readonly string[], path: string): Problem {
  const close = nearest(name, known);
  return {
    path: path === '' ? name : `${path}.${name}`,
    message: `isn't a field of ${path === '' ? 'a trigger' : path}`,
    cure: close === undefined ? `Remove it; the fields are ${known.join(', ')}.` : `Did you mean ${close}?`,
  };
}

/** Whether one path is the other, or holds it. */
export function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || a.startsWith(`${b}[`) || b.startsWith(`${a}.`) || b.startsWith(`${a}[`);
}
