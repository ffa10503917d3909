/** `kubectl-trigger validate`: everything that is wrong with some manifests. */
import type { Terminal } from './terminal.ts';
import { nameOf, readTriggers } from './triggers.ts';

/** 0 where all are right, otherwise 1. */
export async function validate(paths: readonly string[], terminal: Terminal): Promise<number> {
  const found = await readTriggers(paths, terminal);
  if (found === undefined) return 1;
  for (const { trigger, place } of found) terminal.print(`${place}: ${nameOf(trigger)} is right`);
  return 0;
}
