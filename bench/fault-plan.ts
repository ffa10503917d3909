/** Transient failures of a function: a share of all attempts fails, in three ways, whatever was tried before. */

export interface FaultPlan {
  /** Of all attempts, 0 to 1; each fault has a third of it. */
  readonly share: number;
  /** Milliseconds that an attempt is held before it fails, where the fault is `hang`. */
  readonly hang: number;
}

/** `refuse`: 503 at once; `reset`: the connection is reset at once; `hang`: 503 after `FaultPlan.hang`. */
export type Fault = 'refuse' | 'reset' | 'hang';

const FAULTS: readonly Fault[] = ['refuse', 'reset', 'hang'];

/** What happens to one attempt; undefined: it is answered with 200 at once. `random`: 0 ≤ x < 1. */
export function drawFault({ share }: FaultPlan, random: () => number): Fault | undefined {
  const drawn = random();
  return drawn < share ? FAULTS[Math.floor((drawn / share) * FAULTS.length)] : undefined;
}
