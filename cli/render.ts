/** `kubectl-trigger render`: the Deployments of some triggers, as the controller would apply them, without a cluster. */
import { dump } from 'js-yaml';
import type { Problem, Trigger } from '../api/trigger.ts';
import { type Rendering, type RenderOptions, renderDeployment } from '../controller/render/deployment.ts';
import type { Terminal } from './terminal.ts';
import { type Found, readTriggers } from './triggers.ts';

export interface RenderFlags extends RenderOptions {
  readonly files: readonly string[];
  readonly output: 'yaml' | 'json';
}

/** 0 where all triggers are right, otherwise 1 and nothing is printed but problems. */
export async function render({ files, output, ...options }: RenderFlags, terminal: Terminal): Promise<number> {
  // Only objects are printed, so that another command can read them.
  const remarks = { ...terminal, print: terminal.complain };
  const found = await readTriggers(files, remarks, (trigger, object) => renderingProblems(trigger, object, options));
  if (found === undefined) return 1;
  const deployments = found.flatMap((each) => deploymentOf(each, options));
  for (const each of found) reportCorrections(each, options, terminal);
  terminal.print(output === 'json' ? json(deployments) : yaml(deployments));
  return 0;
}

/**
 * What is wrong with the trigger's `deployment`, which is known only when it is rendered. What our version of Kubernetes'
 * API doesn't have counts: where it isn't a slip, a newer version of this command knows it.
 */
export function renderingProblems(trigger: Trigger, object: unknown, options: RenderOptions): readonly Problem[] {
  const rendering = renderManifest(trigger, object, options);
  return 'problems' in rendering ? rendering.problems : rendering.unknown;
}

/** Says where a default of ours gave way to what the user wrote elsewhere. */
export function reportCorrections({ trigger, object, place }: Found, options: RenderOptions, terminal: Terminal): void {
  const rendering = renderManifest(trigger, object, options);
  if ('problems' in rendering) return;
  for (const { path, message } of rendering.corrections) terminal.complain(`${place}: note: ${path} ${message}`);
}

function deploymentOf({ trigger, object }: Found, options: RenderOptions): readonly object[] {
  const rendering = renderManifest(trigger, object, options);
  return 'problems' in rendering ? [] : [rendering.deployment];
}

function renderManifest(trigger: Trigger, object: unknown, options: RenderOptions): Rendering {
  // A trigger was parsed from it, so it has metadata and a spec.
  return renderDeployment(trigger, object as Parameters<typeof renderDeployment>[1], options);
}

function yaml(objects: readonly object[]): string {
  return objects.map((object) => dump(object, { lineWidth: -1, noRefs: true }).trimEnd()).join('\n---\n');
}

function json(objects: readonly object[]): string {
  const [first, ...others] = objects;
  const value = others.length === 0 ? first : { apiVersion: 'v1', kind: 'List', items: objects };
  return JSON.stringify(value, undefined, 2);
}
