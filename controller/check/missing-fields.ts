/** What a served schema lacks of the one that this version was made with. Pure. */
import { renderCrd } from '../../api/crd.ts';
import type { Kind } from '../../api/kinds/kind.ts';

/** As much of OpenAPI v3 as is read. */
export interface OpenApi {
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly kind: string }[];
}

/** Paths such as `.spec.delivery.order`; undefined when the document doesn't have the kind. */
export function missingFields(kind: Kind, { components }: OpenApi): readonly string[] | undefined {
  const served = Object.values(components?.schemas ?? {}).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some((each) => each.kind === kind.kind),
  );
  if (served === undefined) return undefined;
  // The shape that renderCrd gives every kind.
  const { versions } = renderCrd(kind).spec as { versions: [{ schema: { openAPIV3Schema: Schema } }] };
  const wanted = versions[0].schema.openAPIV3Schema.properties ?? {};
  return ['spec', 'status'].flatMap((part) => lacks(wanted[part] ?? {}, served.properties?.[part], `.${part}`));
}

function lacks(wanted: Schema, served: Schema | undefined, path: string): readonly string[] {
  if (served === undefined) return [path];
  const inside = Object.entries(wanted.properties ?? {}).flatMap(([name, schema]) =>
    lacks(schema, served.properties?.[name], `${path}.${name}`),
  );
  return wanted.items ? [...inside, ...lacks(wanted.items, served.items, `${path}[]`)] : inside;
}
