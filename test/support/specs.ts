/** Specs of triggers, most of them right and many of them almost, made from the schema of a kind. */
import fc, { type Arbitrary } from 'fast-check';
import type { Schema } from '../../api/check.ts';
import type { Kind } from '../../api/kinds/kind.ts';

/** URLs are right and filters and overrides empty: what is wrong with those no API server knows. */
export function anySpec(kind: Kind): Arbitrary<unknown> {
  // The schema is declared with the keywords of `Schema`, which its own type doesn't tell.
  return right(kind.spec as Schema);
}

function any(schema: Schema): Arbitrary<unknown> {
  return fc.oneof({ arbitrary: right(schema), weight: 60 }, { arbitrary: wrong(schema), weight: 1 });
}

/** Of the right type, and nearly always within bounds. */
function right(schema: Schema): Arbitrary<unknown> {
  const { minimum = 0, maximum = 0, maxItems = 0, minItems = 0 } = schema;
  const { 'x-schemes': schemes, 'x-duration': duration, 'x-quantity': quantity } = schema;
  if (schema['x-kubernetes-preserve-unknown-fields']) return fc.constant({});
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schemes) return fc.constantFrom(...schemes.map((scheme) => `${scheme}://host:1`));
  if (duration) return fc.constantFrom(duration.min, duration.max, '1s', '1m30s', '2.5s', '90000ms', '01m');
  if (quantity) return fc.constantFrom(quantity.min, quantity.max, '64Mi', '1000Ki');
  if (schema.type === 'integer') return fc.oneof(fc.constantFrom(minimum, maximum), fc.integer({ min: 1, max: 40 }));
  if (schema.type === 'number') return fc.constantFrom(minimum, maximum, (minimum + maximum) / 2);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.items?.['x-kubernetes-preserve-unknown-fields']) return fc.constant([]);
  if (schema.type === 'array' && schema['x-kubernetes-list-type'] === 'set') {
    return fc.uniqueArray(any(schema.items ?? {}), { minLength: minItems, maxLength: Math.min(maxItems, 4) });
  }
  if (schema.type === 'array') return fc.array(any(schema.items ?? {}), { minLength: minItems, maxLength: 3 });
  if (schema.type === 'object') return anyFields(schema);
  const { pattern = '' } = schema;
  const texts = ['a', 'a.b', 'text/plain', 'Ä ö 💚', 'x'.repeat(60)];
  return fc.constantFrom(...texts.filter((text) => new RegExp(pattern).test(text)));
}

function anyFields({ properties = {}, required = [] }: Schema): Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]): [string, Arbitrary<unknown>] => {
    // Left out once in `freq` times.
    const freq = required.includes(name) ? 40 : 2;
    return [name, fc.option(any(schema), { nil: undefined, freq })];
  });
  const known = fc.record(Object.fromEntries(fields));
  const misspelled = known.map((object) => ({ ...object, misspelled: 1 }));
  return fc.oneof({ arbitrary: known, weight: 60 }, { arbitrary: misspelled, weight: 1 });
}

function wrong(schema: Schema): Arbitrary<unknown> {
  const { minimum = 0, maximum = 0, maxLength = 0 } = schema;
  const values: unknown[] = [null, null, {}, [], true, 0, 0.5, -1];
  if (schema['x-duration'])
    values.push('', '1', '-1s', '1d', '1e3s', '0s', '9000h', '1us', '.5s', '1.s', '1s ', '99999999999h');
  if (schema['x-quantity']) values.push('', '0Mi', '64MB', '10Gi', '9999999Ki', '1', '1.5Mi');
  if (schema.type === 'integer' || schema.type === 'number') values.push(minimum - 1, maximum + 1, '1', 1e15);
  const isText = schema.type === 'string' && !schema['x-schemes'];
  if (isText) values.push('', 'x'.repeat(maxLength + 1), '💚'.repeat(Math.min(maxLength, 400)), '\n', ' ', '-', 'Ä');
  if (schema.type === 'array')
    values.push(
      ['a', 'a'],
      [''],
      [null],
      Array.from({ length: 101 }, (_, index) => `${index}`),
    );
  return fc.constantFrom(...values);
}
