/** The definitions and types of Kubernetes' own Deployment, read once from the generated file beside this one. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';

export type Type =
  | { readonly is: Scalar }
  | { readonly is: 'enum'; readonly values: readonly string[] }
  | { readonly is: 'map'; readonly of: Type }
  | { readonly is: 'list'; readonly of: Type; readonly keys: readonly Key[]; readonly isSet: boolean }
  | { readonly is: 'object'; readonly definition: string };

export type Scalar = (typeof SCALARS)[number];

/** A field that tells the entries of a list apart, and its value where it isn't written. */
export interface Key {
  readonly field: string;
  readonly unwritten: unknown;
}

export interface Definition {
  readonly fields: Readonly<Record<string, Type>>;
  readonly required: readonly string[];
}

const SCALARS = ['string', 'boolean', 'int32', 'int64', 'quantity', 'int-or-string', 'time', 'any'] as const;

interface File {
  readonly kubernetes: string;
  readonly definitions: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

// Generated, and read whole by the tests.
const FILE = load(readFileSync(new URL('deployment-fields.yaml', import.meta.url), 'utf8')) as File;

/** Which Kubernetes the definitions are of: `1.36`. */
export const KUBERNETES_VERSION: string = FILE.kubernetes;

const DEFINITIONS: ReadonlyMap<string, Definition> = new Map(
  Object.entries(FILE.definitions).map(([name, written]) => [name, definitionOf(written)]),
);

/** Throws on a name that the file doesn't have. */
export function definition(name: string): Definition {
  const found = DEFINITIONS.get(name);
  if (found === undefined) throw new Error(`deployment-fields.yaml has no definition ${name}`);
  return found;
}

function definitionOf(written: Readonly<Record<string, string>>): Definition {
  const fields = Object.entries(written).map(([name, text]) => [name.replace(/\*$/, ''), parseType(text)] as const);
  const required = Object.keys(written).filter((name) => name.endsWith('*'));
  return { fields: Object.fromEntries(fields), required: required.map((name) => name.slice(0, -1)) };
}

function parseType(text: string): Type {
  const scalar = SCALARS.find((known) => known === text);
  if (scalar !== undefined) return { is: scalar };
  if (text.startsWith('{')) return { is: 'map', of: parseType(text.slice(1, -1)) };
  const [, items, rest = ''] = /^\[(.*)\](.*)$/.exec(text) ?? [];
  if (items !== undefined) return { is: 'list', of: parseType(items), isSet: rest === ' set', keys: parseKeys(rest) };
  if (text.includes(' | ')) return { is: 'enum', values: text.split(' | ') };
  return { is: 'object', definition: text };
}

function parseKeys(text: string): readonly Key[] {
  if (!text.startsWith(' by ')) return [];
  return text
    .slice(' by '.length)
    .split(', ')
    .map((key) => {
      const [field = '', unwritten = ''] = key.split('=');
      return { field, unwritten };
    });
}
