/** What a trigger asks for: parsed and rendered, once for each version of it while it is looked at again and again. */
import { type Problem, parseTrigger, type Trigger } from '../api/trigger.ts';
import type { TriggerObject } from './kube/objects.ts';
import { type Rendered, type RenderOptions, renderDeployment } from './render/deployment.ts';
import { DISPATCHER_ANNOTATION } from './render/labels.ts';

/** Either problems, or the other two. */
export interface Plan {
  readonly problems?: readonly Problem[];
  readonly parsed?: Trigger;
  readonly rendered?: Rendered;
}

export interface Planner {
  plan(key: string, trigger: TriggerObject): Plan;
  forget(key: string): void;
}

/** Plans that are kept: those of a rollout's few seconds, not those of all triggers. */
const KEPT = 256;

export function createPlanner(options: RenderOptions): Planner {
  /** The one that was made first comes first. */
  const plans = new Map<string, { readonly version: string; readonly plan: Plan }>();

  return {
    plan(key, trigger) {
      const version = versionOf(trigger);
      const known = plans.get(key);
      if (known?.version === version) return known.plan;
      const plan = planOf(trigger, options);
      plans.delete(key);
      plans.set(key, { version, plan });
      const [oldest] = plans.keys();
      if (plans.size > KEPT && oldest !== undefined) plans.delete(oldest);
      return plan;
    },
    forget(key) {
      plans.delete(key);
    },
  };
}

function planOf(trigger: TriggerObject, options: RenderOptions): Plan {
  const parsed = parseTrigger(trigger);
  if ('problems' in parsed) return { problems: parsed.problems };
  const rendered = renderDeployment(parsed.trigger, trigger, options);
  // A problem of the override is a problem of the spec.
  return 'problems' in rendered ? { problems: rendered.problems } : { parsed: parsed.trigger, rendered };
}

/** All that a plan depends on: the generation stands for the spec. */
function versionOf({ metadata }: TriggerObject): string {
  return `${metadata.uid} ${metadata.generation} ${metadata.annotations?.[DISPATCHER_ANNOTATION]}`;
}
