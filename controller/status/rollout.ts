/** How far a Deployment has come. */
import type { DeploymentObject } from '../kube/objects.ts';

export interface Rollout {
  readonly desired: number;
  readonly ready: number;
  /** All that is desired runs as the Deployment says, and nothing older is left. */
  readonly isComplete: boolean;
  /** Somebody halted it: `kubectl rollout pause`, or `paused` in the trigger's `spec.deployment`. */
  readonly isPaused: boolean;
}

export function rolloutOf({ metadata, spec, status }: DeploymentObject): Rollout {
  const desired = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const updated = status?.updatedReplicas ?? 0;
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const isComplete = isSeen && updated >= desired && ready >= desired && (status?.replicas ?? 0) <= updated;
  return { desired, ready, isComplete, isPaused: spec?.paused === true };
}
