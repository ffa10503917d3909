/** All that a trigger's status is told from. */
import type { DispatcherStatus } from '../../api/dispatcher-status.ts';
import type { Problem, Trigger } from '../../api/trigger.ts';
import type { DeploymentObject, EventObject, PodObject, TriggerObject } from '../kube/objects.ts';
import type { FunctionLookup } from './function-lookup.ts';
import type { ApplyFailureReason } from './reasons.ts';

export interface Observed {
  readonly trigger: TriggerObject;
  /** Undefined where the spec has problems. */
  readonly parsed: Trigger | undefined;
  readonly problems?: readonly Problem[];
  readonly deployment?: DeploymentObject | undefined;
  /** Those with the trigger's id. */
  readonly pods: readonly PodObject[];
  /** Of the pods that `wantsEvents`. */
  readonly events: readonly EventObject[];
  /** Undefined where the spec has problems. */
  readonly functionLookup: FunctionLookup | undefined;
  readonly applyFailure?: ApplyFailure | undefined;
  /** Set while the Deployment is as an older controller made it. */
  readonly outdated?: 'RolloutPending' | 'RolloutPaused' | undefined;
  /** The latest reading of each pod that was asked. */
  readonly dispatchers: readonly DispatcherReading[];
  readonly dispatcher: 'current' | 'original';
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When the oldest of `dispatchers` was read. */
  readonly readAt?: number | undefined;
  /** When the numbers in the trigger's status were read; undefined: this controller hasn't written it. */
  readonly toldFrom?: number | undefined;
}

export interface ApplyFailure {
  readonly reason: ApplyFailureReason;
  /** The API server's sentence, or our own with its cure. */
  readonly message: string;
}

/** What a dispatcher said, or why it couldn't be asked. `pod` is a name; `tag` names its news, and one can wait for others. */
export type DispatcherReading =
  | { readonly pod: string; readonly status: DispatcherStatus; readonly tag?: string }
  /** `answered`: something answers, but not as a dispatcher does. */
  | { readonly pod: string; readonly why: string; readonly answered?: true };
