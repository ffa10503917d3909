/** A trigger's `deployment` as written -> its parts, each of the type that merging needs, or what is wrong with it. */
import { isObject, unknownField } from '../../api/check.ts';
import { show } from '../../api/show.ts';
import type { Problem } from '../../api/trigger.ts';
import { isRemoved } from './merge.ts';
import type { Fields } from './templates.ts';

export interface Override {
  readonly metadata: Fields;
  /** Without `template`. */
  readonly spec: Fields;
  readonly podMetadata: Fields;
  /** Without `containers`. */
  readonly pod: Fields;
  /** The first container. */
  readonly dispatcher: Fields;
  readonly otherContainers: readonly Fields[];
}

const ROOT = 'spec.deployment';
const FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
const TYPE = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;
/** More than any real one, and little enough for every recursion. */
const DEEPEST = 64;

/** Only what merging needs is looked at; the rest is the API server's to judge. Never throws. */
export function readOverride(written: Fields): Override | { readonly problems: readonly Problem[] } {
  if (isDeeper(written, DEEPEST)) {
    const message = `is nested more than ${DEEPEST} deep`;
    return { problems: [{ path: ROOT, message, cure: 'Write the fields of a Deployment.' }] };
  }
  const reader = new Reader(rootProblems(written));
  const { metadata: rawMetadata, spec: rawSpec } = written;
  const metadata = reader.object(rawMetadata, `${ROOT}.metadata`);
  const { template: rawTemplate, ...spec } = reader.object(rawSpec, `${ROOT}.spec`);
  const template = reader.object(rawTemplate, `${ROOT}.spec.template`);
  const podMetadata = reader.object(template.metadata, `${ROOT}.spec.template.metadata`);
  const podPath = `${ROOT}.spec.template.spec`;
  const { containers: rawContainers, ...rawPod } = reader.object(template.spec, podPath);
  const pod = reader.withLists(rawPod, ['volumes'], podPath);
  const [first = {}, ...otherContainers] = reader.list(rawContainers, `${podPath}.containers`);
  const needed = ['env', 'volumeMounts', ...(isRemoved(first.ports) ? [] : ['ports'])];
  const dispatcher = reader.withLists(first, needed, `${podPath}.containers[0]`);
  for (const [path, fields] of [
    [`${ROOT}.metadata`, metadata],
    [`${ROOT}.spec.template.metadata`, podMetadata],
  ] as const) {
    reader.object(fields.labels, `${path}.labels`);
    reader.object(fields.annotations, `${path}.annotations`);
  }
  const { problems } = reader;
  if (problems.length > 0) return { problems };
  return { metadata, spec, podMetadata, pod, dispatcher, otherContainers };
}

function rootProblems(written: Fields): readonly Problem[] {
  const unknown = Object.keys(written).filter((name) => !FIELDS.includes(name));
  const others = (['apiVersion', 'kind'] as const).filter(
    (name) => written[name] !== undefined && !isRemoved(written[name]) && written[name] !== TYPE[name],
  );
  return [
    ...unknown.map((name) => unknownField(name, FIELDS, ROOT)),
    ...others.map((name) => {
      const path = `${ROOT}.${name}`;
      return { path, message: `is ${show(written[name], path)}`, cure: `Write ${TYPE[name]}, or leave it out.` };
    }),
  ];
}

/** Reads parts that can't do without a type. `null` is what YAML makes of a name with nothing behind it: nothing. */
class Reader {
  readonly problems: Problem[];

  constructor(problems: readonly Problem[]) {
    this.problems = [...problems];
  }

  object(value: unknown, path: string): Fields {
    if (value === undefined || value === null) return {};
    if (isObject(value)) return value;
    this.#refuse(value, path, 'an object, with fields');
    return {};
  }

  list(value: unknown, path: string): readonly Fields[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.#refuse(value, path, 'a list of objects');
      return [];
    }
    return value.map((entry, index) => {
      if (isObject(entry)) return entry;
      this.#refuse(entry, `${path}[${index}]`, 'an object, with fields');
      return {};
    });
  }

  /** With these lists where something was written for them. */
  withLists(fields: Fields, names: readonly string[], path: string): Fields {
    const lists = names
      .filter((name) => Object.hasOwn(fields, name))
      .map((name) => [name, this.list(fields[name], `${path}.${name}`)] as const);
    return { ...fields, ...Object.fromEntries(lists) };
  }

  #refuse(value: unknown, path: string, expected: string): void {
    // Not the value itself, which may be meant as that of a variable.
    const type = Array.isArray(value) ? 'a list' : isObject(value) ? 'an object' : `a ${typeof value}`;
    const message = value === '$remove' ? "can't be removed" : `is ${value === null ? 'empty' : type}`;
    this.problems.push({ path, message, cure: `Write ${expected}, or leave it out.` });
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
