/** Fields that are written without a value: `delivery:` means what its absence does, as an API server has it. */
import { isObject, type Schema } from './check.ts';

/** The value without the empty fields that its schema knows; what the schema leaves open is kept as it is. */
export function withoutNulls(schema: Schema, value: unknown): unknown {
  const { properties, items } = schema;
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return value;
  if (items !== undefined && Array.isArray(value)) return value.map((item) => withoutNulls(items, item));
  if (properties === undefined || !isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (property === undefined) return [[name, field]];
      return field === null ? [] : [[name, withoutNulls(property, field)]];
    }),
  );
}
