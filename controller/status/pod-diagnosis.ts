/** What keeps the dispatchers of a Deployment from running, told from its conditions, its pods and their Events. */
import type { PodObject } from '../kube/objects.ts';
import type { Observed } from './observed.ts';
import type { PodTroubleReason } from './reasons.ts';

export interface Diagnosis {
  readonly trouble?: Trouble;
  /** What is being waited for, where nothing is wrong yet. */
  readonly pending?: string;
}

export interface Trouble {
  readonly reason: PodTroubleReason;
  readonly message: string;
}

export function diagnosePods(_observed: Pick<Observed, 'deployment' | 'pods' | 'events' | 'now'>): Diagnosis {
  return {};
}

/** Milliseconds that a container may be in creation before the pod's Events are asked why. */
export const CREATION = 5_000;

/** Whether the Events of this pod are needed: its containers aren't made, and nothing but an Event says why. */
export function wantsEvents(_pod: PodObject, _now: number): boolean {
  return false;
}
