/** What became otherwise with a trigger, as Events. */

import type { Logger } from '../../common/logger.ts';
import type { KubeClient } from '../kube/client.ts';
import type { TriggerObject, TriggerStatus } from '../kube/objects.ts';

export interface Transition {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
  /** What the controller did when it found out. */
  readonly action: string;
}

export function transitions(_previous: TriggerStatus | undefined, _next: TriggerStatus): readonly Transition[] {
  return [];
}

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'request'>;
  /** The pod's name, or any other that tells controllers apart. */
  readonly instance: string;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface EventRecorder {
  /** Never rejects: an Event that can't be written is logged. */
  record(trigger: TriggerObject, transition: Transition): Promise<void>;
}

export function createEventRecorder(_options: EventRecorderOptions): EventRecorder {
  return { record: async () => {} };
}
