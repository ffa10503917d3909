/** What keeps a dispatcher from running. */
import type { PodTroubleReason } from './reasons.ts';

export interface Trouble {
  readonly reason: PodTroubleReason;
  /** One sentence with its cure. */
  readonly message: string;
}
