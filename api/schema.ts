/** The few schema forms that the API is declared with, each with its bounds, so that no kind repeats them. */
import Type from 'typebox';
import { DURATION_PATTERN } from '../common/duration.ts';
import { QUANTITY_PATTERN } from '../common/quantity.ts';
import { OBJECT_NAME_PATTERN, SECRET_KEY_PATTERN } from './names.ts';

/** Go style, e.g. `90s`; bounds are durations too and belong to the schema. */
export function duration(min: string, max: string, description: string) {
  return Type.String({ maxLength: 32, pattern: DURATION_PATTERN, 'x-duration': { min, max }, description });
}

/** Bytes, e.g. `64Mi`. */
export function quantity(description: string) {
  return Type.String({
    maxLength: 16,
    pattern: QUANTITY_PATTERN,
    'x-quantity': { min: '10Ki', max: '9Gi' },
    description,
  });
}

/** A URL of one of these schemes. The API server sees a string: no pattern says what a URL is. */
export function url(schemes: readonly string[], description: string) {
  return Type.String({ minLength: 1, maxLength: 8192, 'x-schemes': schemes, description });
}

export function text(maxLength: number, description: string) {
  return Type.String({ minLength: 1, maxLength, description });
}

/** The name of an object in the trigger's namespace. */
export function objectName(description: string) {
  return Type.String({ minLength: 1, maxLength: 253, pattern: OBJECT_NAME_PATTERN, description });
}

/** One entry of a Secret. */
export function secretKey(description: string) {
  return Type.Object(
    {
      name: objectName("The Secret's name, in the trigger's namespace."),
      key: Type.String({
        minLength: 1,
        maxLength: 253,
        pattern: SECRET_KEY_PATTERN,
        description: "The entry in the Secret's data.",
      }),
    },
    { description },
  );
}

/** An object whose inside the schema doesn't know. */
export function anyObject(description: string) {
  return Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    description,
  });
}
