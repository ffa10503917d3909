/** Manifests -> the triggers in them, with everything that is wrong said on the terminal. */
import { findKind } from '../api/kinds/index.ts';
import { problemText } from '../api/problem-text.ts';
import { type Problem, parseTrigger, type Trigger } from '../api/trigger.ts';
import { type Manifest, placeOf, readManifests } from './manifests.ts';
import type { Terminal } from './terminal.ts';

export interface Found {
  readonly trigger: Trigger;
  /** What it was parsed from. */
  readonly object: unknown;
  /** For messages. */
  readonly place: string;
}

/** More that can be wrong with a trigger which is right by itself. */
export type Check = (trigger: Trigger, object: unknown) => readonly Problem[];

/** The triggers of all these files, or undefined where one of them has a problem. */
export async function readTriggers(
  paths: readonly string[],
  terminal: Terminal,
  check: Check = () => [],
): Promise<readonly Found[] | undefined> {
  const manifests = await readManifests(paths, terminal.input);
  const found: Found[] = [];
  let problems = 0;
  for (const manifest of manifests) {
    const place = placeOf(manifest);
    const result = judge(manifest, place, terminal, check);
    if (result === 'other') continue;
    if ('problems' in result) problems += complain(place, result.problems, terminal);
    else found.push({ ...result, place });
  }
  if (problems > 0) {
    terminal.complain(`${problems} ${problems === 1 ? 'problem' : 'problems'}.`);
    return undefined;
  }
  if (found.length > 0) return found;
  terminal.complain('There is no trigger in these files.');
  return undefined;
}

export function nameOf({ kind, namespace, name }: Trigger): string {
  return `${kind} ${namespace}/${name}`;
}

function judge(manifest: Manifest, place: string, terminal: Terminal, check: Check): Judged | 'other' {
  if ('mistake' in manifest) return { problems: [{ path: '', message: manifest.mistake, cure: manifest.cure }] };
  const { object } = manifest;
  const other = otherKind(object);
  if (other !== undefined) {
    terminal.print(`${place}: ${other} is not a trigger and was not looked at`);
    return 'other';
  }
  for (const warning of manifest.warnings) terminal.complain(`${place}: warning: ${warning}`);
  const parsed = parseTrigger(object);
  if ('problems' in parsed) return parsed;
  const problems = check(parsed.trigger, object);
  return problems.length > 0 ? { problems } : { trigger: parsed.trigger, object };
}

type Judged = Omit<Found, 'place'> | { readonly problems: readonly Problem[] };

/** The kind of an object that is of another API altogether, as manifests often hold Secrets and Services too. */
function otherKind(object: unknown): string | undefined {
  if (typeof object !== 'object' || object === null || !('kind' in object) || !('apiVersion' in object))
    return undefined;
  const { kind, apiVersion } = object;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string' || findKind(kind) !== undefined) return undefined;
  return apiVersion.includes('kubeless') ? undefined : kind;
}

function complain(place: string, problems: readonly Problem[], terminal: Terminal): number {
  terminal.complain(`${place}:`);
  for (const problem of problems) {
    terminal.complain(`  ${problemText(problem)}`);
    terminal.complain(`    ${problem.cure}`);
  }
  return problems.length;
}
