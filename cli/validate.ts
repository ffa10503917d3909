/** `kubectl-trigger validate`: everything that is wrong with some manifests, and what is likely to be. */
import { problemText } from '../api/problem-text.ts';
import { warningsOf } from '../api/warnings.ts';
import type { RenderOptions } from '../controller/render/deployment.ts';
import { renderingProblems, reportCorrections } from './render.ts';
import type { Terminal } from './terminal.ts';
import { nameOf, readTriggers } from './triggers.ts';

/** 0 where all are right, otherwise 1. */
export async function validate(paths: readonly string[], options: RenderOptions, terminal: Terminal): Promise<number> {
  const found = await readTriggers(paths, terminal, (trigger, object) => renderingProblems(trigger, object, options));
  if (found === undefined) return 1;
  for (const each of found) {
    const { trigger, place } = each;
    terminal.print(`${place}: ${nameOf(trigger)} is right`);
    reportCorrections(each, options, terminal);
    for (const warning of warningsOf(trigger)) {
      terminal.complain(`${place}: warning: ${problemText(warning)}. ${warning.cure}`);
    }
  }
  return 0;
}
