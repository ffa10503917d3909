/** Whether a trigger does what it is there for; otherwise the first thing that keeps it from that. */
import { isObject } from '../../api/check.ts';
import { problemText } from '../../api/problem-text.ts';
import type { Problem, Trigger } from '../../api/trigger.ts';
import type { DeploymentObject } from '../kube/objects.ts';
import type { ApplyFailure, Observed } from './observed.ts';
import { plainText } from './plain-text.ts';
import type { Diagnosis } from './pod-diagnosis.ts';
import { MILD_HOLDS, type Reason, type SevereHold } from './reasons.ts';
import { explainRefusal } from './refusal.ts';
import type { Rollout } from './rollout.ts';
import type { Verdict } from './verdict.ts';

export interface Findings {
  readonly rollout: Rollout | undefined;
  readonly diagnosis: Diagnosis;
  readonly source: Verdict<'SourceConnected'>;
  readonly functionResolved: Verdict<'FunctionResolved'>;
  readonly blocked: Verdict<'Blocked'> | undefined;
  readonly held: Verdict<'HeldBack'> | undefined;
}

/** In order: deletion, spec, apply, pods, source, function, buffer, broker, rollout. */
export function readyOf(observed: Observed, findings: Findings): Verdict<'Ready'> {
  const { trigger, parsed, problems = [], applyFailure, deployment } = observed;
  const { rollout, diagnosis, source, functionResolved, blocked, held } = findings;
  if (trigger.metadata.deletionTimestamp !== undefined) return no('Deleting', TRIGGER_LEAVES);
  if (parsed === undefined) return no('InvalidSpec', sentence(problems));
  if (applyFailure !== undefined) return failed(applyFailure);
  if (rollout === undefined) return no('RollingOut', 'the Deployment is about to be made');
  if (deployment?.metadata.deletionTimestamp !== undefined) return no('Deleting', deploymentLeaves(deployment));
  if (rollout.desired === 0) return no('ScaledToZero', scaledToZero(observed));
  const { trouble } = diagnosis;
  if (trouble !== undefined && !isVague(trouble.reason)) return no(trouble.reason, trouble.message);
  // Only a disconnection has a reason that Ready knows, and only that makes it False.
  if (source.status === 'False') return no(source.reason as Verdict<'Ready'>['reason'], source.message);
  if (functionResolved.reason === 'FunctionNotFound') return no('FunctionNotFound', functionResolved.message);
  if (blocked !== undefined) return no('Blocked', blocked.message);
  if (held !== undefined && isSevere(held.reason)) return no(held.reason, held.message);
  if (trouble !== undefined) return no(trouble.reason, trouble.message);
  const count = `${rollout.ready} of ${rollout.desired} dispatchers ready`;
  if (!rollout.isComplete) {
    if (rollout.isPaused) return no('DeploymentPaused', `${count}: ${whyPaused(observed)}`);
    return no('RollingOut', diagnosis.pending === undefined ? count : `${count}: ${diagnosis.pending}`);
  }
  if (parsed.paused) return { status: 'True', reason: 'Paused', message: `${count}, and paused` };
  return { status: 'True', reason: 'Running', message: count };
}

/** The trigger says 0, or wants more and somebody scaled the Deployment. */
function scaledToZero({ parsed, deployment }: Observed): string {
  const { name = '', namespace = '' } = deployment?.metadata ?? {};
  const { replicas } = overriddenSpec(parsed);
  const scale = `kubectl scale --namespace ${namespace} deployment/${name} --replicas=1`;
  const field = replicas === 0 ? 'replicas in spec.deployment.spec' : 'scaling.replicas';
  const cure = (replicas ?? parsed?.scaling.replicas) === 0 ? `set ${field} to 1 or more` : scale;
  return `Deployment ${name} has 0 replicas, so nothing is consumed: ${cure}`;
}

const TRIGGER_LEAVES =
  'the trigger is being deleted, and its dispatchers end with it: metadata.finalizers says what that waits for';

function deploymentLeaves({ metadata: { name, namespace } }: DeploymentObject): string {
  return (
    `Deployment ${name} in namespace ${namespace} is being deleted, and is made anew when it is gone: ` +
    'its metadata.finalizers say what that waits for'
  );
}

/** The spec of the trigger's own part of a Deployment. */
function overriddenSpec(parsed: Trigger | undefined): Readonly<Record<string, unknown>> {
  const { spec } = parsed?.deployment ?? {};
  return isObject(spec) ? spec : {};
}

/** Why no pods are made or replaced, with the cure. */
export function whyPaused({ parsed, deployment }: Pick<Observed, 'parsed' | 'deployment'>): string {
  const { name = '', namespace = '' } = deployment?.metadata ?? {};
  const cure = overriddenSpec(parsed).paused
    ? 'remove paused from spec.deployment.spec'
    : `kubectl rollout resume --namespace ${namespace} deployment/${name}`;
  return `the rollout of Deployment ${name} is paused, so no dispatcher is started or replaced: ${cure}`;
}

/** The API server's own sentences lack the cure; the controller's have it. */
function failed({ reason, message }: ApplyFailure): Verdict<'Ready'> {
  if (reason === 'Forbidden' || reason === 'QuotaExceeded') {
    const refusal = explainRefusal(message);
    return no(refusal.reason, refusal.message);
  }
  const cure = reason === 'NamespaceMissing' && !message.endsWith(' not found') ? undefined : CURES[reason];
  return no(reason, cure === undefined ? message : `${plainText(message, 800)}: ${cure}`);
}

const CURES: Readonly<Partial<Record<ApplyFailure['reason'], string>>> = {
  InvalidDeployment: 'correct spec.deployment',
  NamespaceMissing: 'create the namespace, or correct metadata.namespace in spec.deployment',
  ApplyFailed: 'it is tried again',
};

function isSevere(reason: Reason<'HeldBack'>): reason is SevereHold {
  return reason !== 'Flowing' && !MILD_HOLDS.some((mild) => mild === reason);
}

/** What tells less than the dispatcher itself may tell. */
function isVague(reason: Verdict<'Ready'>['reason']): boolean {
  return reason === 'NotReady' || reason === 'Stalled';
}

function no(reason: Verdict<'Ready'>['reason'], message: string): Verdict<'Ready'> {
  return { status: 'False', reason, message };
}

/** The first of them, in words. */
export function sentence(problems: readonly Problem[]): string {
  const said = problems.slice(0, 5).map((problem) => `${problemText(problem)}: ${problem.cure}`);
  const others = problems.length - said.length;
  return [...said, ...(others > 0 ? [`and ${others} more`] : [])].join('; ');
}
