/** What became otherwise with a trigger. */
import type { Condition, TriggerStatus } from '../kube/objects.ts';

/** To be told as an Event. */
export interface Transition {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
  /** What the controller did when it found out. */
  readonly action: string;
}

/** One for each condition whose status or reason changed and that a user would want to know of; each reason once. */
export function transitions(previous: TriggerStatus | undefined, next: TriggerStatus): readonly Transition[] {
  if (previous === next) return [];
  const before = new Map((previous?.conditions ?? []).map((condition) => [condition.type, condition]));
  const told = new Map<string, Transition>();
  for (const condition of next.conditions ?? []) {
    const transition = transitionOf(before.get(condition.type), condition);
    if (transition !== undefined && !told.has(transition.reason)) told.set(transition.reason, transition);
  }
  return [...told.values()];
}

function transitionOf(before: Condition | undefined, after: Condition): Transition | undefined {
  const { type, status, reason = type, message = '' } = after;
  if (before?.status === status && before.reason === reason) return undefined;
  const kind = kindOf(before, after);
  return kind === undefined ? undefined : { type: kind, reason, note: message, action: ACTIONS[type] ?? 'Reconcile' };
}

function kindOf(
  before: Condition | undefined,
  { type, status, reason = '' }: Condition,
): Transition['type'] | undefined {
  if (status === 'Unknown') return undefined;
  if (WARNINGS_WHEN_TRUE.has(type)) return status === 'True' ? 'Warning' : 'Normal';
  if (status === 'False') return EXPECTED.has(reason) ? 'Normal' : 'Warning';
  // That all is well from the start goes without saying, but for Ready and Paused.
  return type === 'Ready' || type === 'Paused' || before?.status === 'False' ? 'Normal' : undefined;
}

const WARNINGS_WHEN_TRUE = new Set(['Blocked', 'HeldBack', 'PlainTextToken', 'UnkeyedSerial', 'LikelyMistake']);

/** Steps on the way of what the user asked for. */
const EXPECTED = new Set([
  'Deleting',
  'DeploymentPaused',
  'RollingOut',
  'ScaledToZero',
  'Pausing',
  'Resumed',
  'RolloutPending',
]);

const ACTIONS: Readonly<Record<string, string>> = {
  SourceConnected: 'Connect',
  FunctionResolved: 'ResolveFunction',
  Paused: 'Pause',
  Blocked: 'Deliver',
  HeldBack: 'Deliver',
  PlainTextToken: 'Check',
  UnkeyedSerial: 'Check',
  LikelyMistake: 'Check',
};
