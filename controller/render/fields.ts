/** Judges a rendered Deployment by the names and types that Kubernetes publishes, as an API server's decoder does. */
import { isObject, unknownField } from '../../api/check.ts';
import { nearest } from '../../api/nearest.ts';
import { show } from '../../api/show.ts';
import type { Problem } from '../../api/trigger.ts';
import { nearestQuantity, parseKubernetesQuantity } from './kubernetes-quantity.ts';
import { definition, type Key, KUBERNETES_VERSION, type Scalar, type Type } from './kubernetes-types.ts';

/** Names and indexes from the Deployment on: `['spec', 'template', 'spec', 'containers', 0]`. */
export type Segments = readonly (string | number)[];

export interface Findings {
  /** No API server takes these, of whatever version: wrong types, a required field that is missing, a key twice. */
  readonly mistakes: readonly Problem[];
  /** Names and words that Kubernetes of `KUBERNETES_VERSION` doesn't know, and a newer one may. */
  readonly unknown: readonly Problem[];
}

/** `pathOf` says how a place is called in the trigger. */
export function checkFields(deployment: unknown, pathOf: (place: Segments) => string): Findings {
  const checker = new Checker(pathOf);
  checker.check({ is: 'object', definition: 'Deployment' }, deployment, []);
  return checker;
}

/** No more are found of each sort: nobody reads more, and an override of a megabyte could have tens of thousands. */
export const MOST_FINDINGS = 100;

/** Values below these are somebody's own and may be secret. */
const CONFIDENTIAL = new Set(['annotations', 'args', 'command', 'env', 'httpHeaders', 'options', 'volumeAttributes']);
/** Where fields are that are often written a level too high or too low. */
const PLACES: readonly (readonly [place: Segments, definition: string])[] = [
  [['metadata'], 'ObjectMeta'],
  [['spec'], 'DeploymentSpec'],
  [['spec', 'template', 'spec'], 'PodSpec'],
  [['spec', 'template', 'spec', 'containers', 0], 'Container'],
];
const INT32 = 2 ** 31;

class Checker implements Findings {
  readonly mistakes: Problem[] = [];
  readonly unknown: Problem[] = [];
  readonly #pathOf: (place: Segments) => string;

  constructor(pathOf: (place: Segments) => string) {
    this.#pathOf = pathOf;
  }

  check(type: Type, value: unknown, place: Segments): void {
    // Only entries of lists are still null, and an API server takes them in a list that is neither a set nor has keys.
    if (value === null || this.mistakes.length >= MOST_FINDINGS) return;
    if (type.is === 'object') this.#checkObject(type.definition, value, place);
    else if (type.is === 'map') this.#checkMap(type.of, value, place);
    else if (type.is === 'list') this.#checkList(type, value, place);
    else if (type.is === 'enum') this.#checkWord(type.values, value, place);
    else this.#checkScalar(type.is, value, place);
  }

  #checkObject(name: string, value: unknown, place: Segments): void {
    if (!isObject(value)) {
      this.#refuse(value, place, 'an object', 'Write an object, with fields.');
      return;
    }
    const { fields, required } = definition(name);
    for (const [field, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
      if (type === undefined) this.#noteUnknown(field, Object.keys(fields), place);
      else this.check(type, inner, [...place, field]);
    }
    for (const field of required) {
      if (Object.hasOwn(value, field) && value[field] !== undefined) continue;
      this.mistakes.push({ path: this.#pathOf([...place, field]), message: 'is missing', cure: `Write ${field}.` });
    }
  }

  #checkMap(of: Type, value: unknown, place: Segments): void {
    if (!isObject(value)) {
      this.#refuse(value, place, 'an object', 'Write an object, with names and values.');
      return;
    }
    for (const [name, inner] of Object.entries(value)) this.check(of, inner, [...place, name]);
  }

  #checkList({ of, keys, isSet }: Extract<Type, { is: 'list' }>, value: unknown, place: Segments): void {
    if (!Array.isArray(value)) {
      this.#refuse(value, place, 'a list', 'Write a list.');
      return;
    }
    const first = new Map<string, number>();
    for (const [index, entry] of value.entries()) {
      const here = [...place, index];
      if (entry === null && (isSet || keys.length > 0))
        this.#refuse(entry, here, 'an entry', 'Write it, or remove it.');
      this.check(of, entry, here);
      const key = isSet ? JSON.stringify(entry) : isObject(entry) && keys.length > 0 ? keyOf(entry, keys) : undefined;
      if (key === undefined) continue;
      const before = first.get(key);
      if (before === undefined) first.set(key, index);
      else if (this.mistakes.length < MOST_FINDINGS) this.#noteTwice(here, this.#pathOf([...place, before]), keys);
    }
  }

  #noteTwice(place: Segments, other: string, keys: readonly Key[]): void {
    const what =
      keys.length === 0 ? 'is the same as' : `has the same ${keys.map(({ field }) => field).join(' and ')} as`;
    this.mistakes.push({ path: this.#pathOf(place), message: `${what} ${other}`, cure: 'Remove one of them.' });
  }

  #checkWord(words: readonly string[], value: unknown, place: Segments): void {
    if (typeof value !== 'string') {
      this.#refuse(value, place, 'text', `Write one of ${words.filter(Boolean).join(', ')}.`);
      return;
    }
    // The API server takes an empty word for none.
    if (value === '' || words.includes(value)) return;
    if (this.unknown.length >= MOST_FINDINGS) return;
    const close = nearest(value, words);
    const path = this.#pathOf(place);
    const message = `is ${this.#show(value, place)}, which Kubernetes ${KUBERNETES_VERSION} doesn't know`;
    const cure = close === undefined ? `Write one of ${words.filter(Boolean).join(', ')}.` : `Did you mean ${close}?`;
    this.unknown.push({ path, message, cure });
  }

  #checkScalar(type: Scalar, value: unknown, place: Segments): void {
    const mistake = scalarMistake(type, value);
    if (mistake !== undefined) this.#refuse(value, place, mistake.expected, mistake.cure);
  }

  #noteUnknown(name: string, known: readonly string[], place: Segments): void {
    if (this.unknown.length >= MOST_FINDINGS) return;
    const path = this.#pathOf(place);
    const problem = unknownField(name, known, path);
    const elsewhere = PLACES.find(([, other]) => Object.hasOwn(definition(other).fields, name));
    const isNear = nearest(name, known) !== undefined;
    this.unknown.push({
      path: this.#pathOf([...place, name]),
      message: `isn't a field of ${path} in Kubernetes ${KUBERNETES_VERSION}`,
      cure: isNear || elsewhere === undefined ? problem.cure : `Did you mean ${this.#pathOf([...elsewhere[0], name])}?`,
    });
  }

  #refuse(value: unknown, place: Segments, expected: string, cure: string): void {
    const message = `is ${this.#show(value, place)}, which isn't ${expected}`;
    this.mistakes.push({ path: this.#pathOf(place), message, cure });
  }

  #show(value: unknown, place: Segments): string {
    if (value === null) return 'empty';
    const isSimple = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
    const mayBeSecret = place.some((segment) => CONFIDENTIAL.has(String(segment))) || !isSimple;
    if (!mayBeSecret) return show(value, String(place.findLast((segment) => typeof segment === 'string')));
    return Array.isArray(value) ? 'a list' : isObject(value) ? 'an object' : `a ${typeof value}`;
  }
}

function keyOf(entry: Readonly<Record<string, unknown>>, keys: readonly Key[]): string {
  return JSON.stringify(keys.map(({ field, unwritten }) => entry[field] ?? unwritten));
}

interface Mistake {
  readonly expected: string;
  readonly cure: string;
}

function scalarMistake(type: Scalar, value: unknown): Mistake | undefined {
  if (type === 'string' || type === 'time') {
    return typeof value === 'string' ? undefined : { expected: 'text', cure: cureOfText(value) };
  }
  if (type === 'boolean') {
    const cure = 'Write true or false, without quotes.';
    return typeof value === 'boolean' ? undefined : { expected: 'true or false', cure };
  }
  if (type === 'quantity') {
    const isQuantity = parseKubernetesQuantity(value) !== undefined;
    return isQuantity ? undefined : { expected: 'a quantity', cure: cureOfQuantity(value) };
  }
  if (type === 'any' || (type === 'int-or-string' && typeof value === 'string')) return undefined;
  if (!Number.isInteger(value)) {
    const expected = type === 'int-or-string' ? 'a whole number or text' : 'a whole number';
    return { expected, cure: cureOfNumber(value) };
  }
  // An API server takes more, and keeps what is left of it in 32 bits.
  const fits = type === 'int64' || (Number(value) >= -INT32 && Number(value) < INT32);
  return fits ? undefined : { expected: 'a number of 32 bits', cure: `Write a whole number up to ${INT32 - 1}.` };
}

function cureOfText(value: unknown): string {
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  return isScalar ? 'Write it in quotes.' : 'Write text.';
}

function cureOfNumber(value: unknown): string {
  const isNumber = typeof value === 'string' && /^-?\d+$/.test(value.trim());
  return isNumber ? 'Write it without quotes.' : 'Write a whole number.';
}

function cureOfQuantity(value: unknown): string {
  const close = typeof value === 'string' ? nearestQuantity(value) : undefined;
  return close === undefined ? 'Write a number and its unit, such as 500m, 2 or 512Mi.' : `Did you mean ${close}?`;
}
