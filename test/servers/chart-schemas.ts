/** Kubernetes' own descriptions of its kinds -> JSON schemas as kubeconform looks for them, which allow nothing unknown. */

type Json = Readonly<Record<string, unknown>>;

/** OpenAPI v2, as the API server and its source have it. */
export interface Swagger {
  readonly definitions: Readonly<Record<string, Json>>;
}

export interface CustomResource {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Json } }[];
  };
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** By file name. */
export function schemasOfSwagger({ definitions }: Swagger): ReadonlyMap<string, unknown> {
  const strict = Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, close(schema, name)]));
  const schemas = new Map<string, unknown>();
  for (const [name, schema] of Object.entries(definitions)) {
    // What the specification of the format says of this field.
    const kinds = (schema['x-kubernetes-group-version-kind'] ?? []) as readonly Kind[];
    const [kind, ...more] = kinds;
    if (!kind || more.length > 0 || !isObject(schema.properties) || !('apiVersion' in schema.properties)) continue;
    schemas.set(fileName(kind), { ...named(strict[name] ?? {}, kind), definitions: reached(name, strict) });
  }
  return schemas;
}

/** By file name. */
export function schemasOfCrd({ spec }: CustomResource): ReadonlyMap<string, unknown> {
  return new Map(
    spec.versions.map(({ name, schema }) => {
      const kind = { group: spec.group, version: name, kind: spec.names.kind };
      const closed = close(schema.openAPIV3Schema, '');
      // The API server has the real one.
      const properties = { ...(isObject(closed.properties) ? closed.properties : {}), metadata: { type: 'object' } };
      return [fileName(kind), named({ ...closed, properties }, kind)];
    }),
  );
}

function fileName({ group, version, kind }: Kind): string {
  return `${kind}${group && `-${group.split('.')[0]}`}-${version}.json`.toLowerCase();
}

function named(schema: Json, { group, version, kind }: Kind): Json {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const apiVersion = { enum: [group ? `${group}/${version}` : version] };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...schema,
    properties: { ...properties, apiVersion, kind: { enum: [kind] } },
    required: [...new Set([...(Array.isArray(schema.required) ? schema.required : []), 'apiVersion', 'kind'])],
  };
}

/** Every definition that the named one leads to, itself included. */
function reached(name: string, all: Readonly<Record<string, Json>>, seen: Record<string, Json> = {}) {
  const schema = all[name];
  if (schema === undefined || name in seen) return seen;
  seen[name] = schema;
  for (const [, next = ''] of JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)) reached(next, all, seen);
  return seen;
}

/** Without what JSON schema doesn't know, and with nothing allowed that isn't described. */
function close(schema: Json, name: string): Json {
  const closed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key.startsWith('x-kubernetes') || key === 'description' || key === 'default') continue;
    if (key === 'format' && value !== 'date-time') continue;
    closed[key] = key === 'properties' && isObject(value) ? mapValues(value, closeAny) : closeAny(value);
  }
  const isEither = schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string';
  if (isEither || name.endsWith('.api.resource.Quantity')) {
    const { type: _, format: __, anyOf: ___, ...rest } = closed;
    return { ...rest, oneOf: [{ type: 'string' }, { type: 'number' }] };
  }
  const isOpen = 'additionalProperties' in closed || schema['x-kubernetes-preserve-unknown-fields'] === true;
  return isOpen || !('properties' in closed) ? closed : { ...closed, additionalProperties: false };
}

function closeAny(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closeAny);
  return isObject(value) ? close(value, '') : value;
}

function mapValues(object: Json, change: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
