/** What a user wrote -> a trigger, or everything that is wrong with it. */
import type { SharedSpec } from './blocks.ts';
import { check, isObject, overlaps, unknownField } from './check.ts';
import { deliveryWithDefaults } from './defaults.ts';
import { checkSize } from './encode.ts';
import { checkFilters } from './filters.ts';
import { findKind, kindNames, kinds } from './kinds/index.ts';
import type { Kind } from './kinds/kind.ts';
import { checkMetadata, identityOf } from './metadata.ts';
import { nearest } from './nearest.ts';
import { withoutNulls } from './nulls.ts';
import { sharedRules } from './rules.ts';
import { show } from './show.ts';
import type { FilterSpec, Problem, Trigger } from './trigger.ts';

export type Parsed = { readonly trigger: Trigger } | { readonly problems: readonly Problem[] };

const FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

/** Takes any value at all and never throws. */
export function parseTrigger(written: unknown): Parsed {
  if (!isObject(written)) {
    const message = written === undefined || written === null ? 'is empty' : `is ${show(written, '')}, not a trigger`;
    return { problems: [{ path: '', message, cure: `Write ${FIELDS.slice(0, -1).join(', ')}.` }] };
  }
  const kind = typeof written.kind === 'string' ? findKind(written.kind) : undefined;
  const object = kind === undefined ? written : { ...written, spec: withoutNulls(kind.spec, written.spec) };
  const problems = [
    ...Object.keys(object)
      .filter((name) => !FIELDS.includes(name))
      .map((name) => unknownField(name, FIELDS, '')),
    ...checkType(object, kind),
    ...checkMetadata(object.metadata),
    ...(kind === undefined ? [] : checkSpec(kind, object.spec)),
  ];
  const oversize = problems.length === 0 ? checkSize(object) : [];
  if (problems.length > 0 || oversize.length > 0) return { problems: [...problems, ...oversize] };
  return kind === undefined ? { problems } : { trigger: normalForm(kind, object) };
}

function checkType(object: Readonly<Record<string, unknown>>, kind: Kind | undefined): readonly Problem[] {
  if (kind === undefined) {
    const close =
      typeof object.kind === 'string'
        ? nearest(
            object.kind,
            kinds.map((known) => known.kind),
          )
        : undefined;
    const message = object.kind === undefined ? 'is missing' : `is ${show(object.kind, 'kind')}, which isn't known`;
    const hint = close === undefined ? '' : `Did you mean ${close}? `;
    return [{ path: 'kind', message, cure: `${hint}Known kinds: ${kindNames()}.` }];
  }
  const { apiVersion } = object;
  if (apiVersion === kind.apiVersion) return [];
  const message = apiVersion === undefined ? 'is missing' : `is ${show(apiVersion, 'apiVersion')}`;
  return [{ path: 'apiVersion', message, cure: `Write ${kind.apiVersion} for a ${kind.kind}.` }];
}

function checkSpec(kind: Kind, spec: unknown): readonly Problem[] {
  if (spec === undefined) {
    const fields = Object.keys(kind.spec.properties).join(', ');
    return [{ path: 'spec', message: 'is missing', cure: `Write spec, with fields: ${fields}.` }];
  }
  const problems = [...check(kind.spec, spec, 'spec')];
  if (isObject(spec) && Array.isArray(spec.filters)) problems.push(...checkFilters(spec.filters, 'spec.filters'));
  return [...problems, ...brokenRules(kind, spec, problems)];
}

function brokenRules(kind: Kind, spec: unknown, problems: readonly Problem[]): readonly Problem[] {
  const isFaulty = (field: string) => problems.some(({ path }) => overlaps(path, `spec.${field}`));
  return [...kind.rules, ...sharedRules].flatMap((rule) => {
    if (rule.reads.some(isFaulty)) return [];
    // Nothing that the rule reads has a problem, so the fields it reads have the types of the schema.
    const offence = rule.broken(spec as SharedSpec);
    if (offence === undefined) return [];
    const message = `${rule.message}, but ${offence}`;
    return [{ path: `spec.${rule.path}`, message, isSentence: true, cure: rule.cure }];
  });
}

/** Of an object without problems. */
function normalForm(kind: Kind, object: Readonly<Record<string, unknown>>): Trigger {
  const identity = identityOf(object.metadata);
  // The spec has passed the check of its schema, which is what this type is made of.
  const spec = object.spec as SharedSpec;
  const { function: functionUrl, contentType } = spec.kubeless;
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    ...identity,
    source: kind.parseSource(spec, identity),
    function: { url: functionUrl, ...(contentType !== undefined && { contentType }) },
    delivery: deliveryWithDefaults(spec.delivery),
    // Unknown to the schema, and found right by `checkFilters`.
    filters: (spec.filters ?? []) as unknown as readonly FilterSpec[],
    scaling: { replicas: spec.scaling?.replicas ?? 1 },
    paused: spec.paused ?? false,
    deployment: spec.deployment ?? {},
  };
}
