/** A check that may take its time: an installation is a moment old when it is tested. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../common/errors.ts';
import type { Check } from './checks.ts';

/** Milliseconds between two looks. */
const INTERVAL = 1_000;

/** Looks until nothing is wrong or `waitMs` are over, and returns what was wrong last. Never rejects. */
export async function lastProblem({ check, leastMs = 0 }: Check, waitMs: number): Promise<string | undefined> {
  const deadline = performance.now() + Math.max(waitMs, leastMs);
  for (;;) {
    const problem = await check().catch(messageOf);
    if (problem === undefined || performance.now() >= deadline) return problem;
    await delay(INTERVAL);
  }
}
