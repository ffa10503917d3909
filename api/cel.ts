/** Conditions in CEL (the Common Expression Language): what they may speak of, and whether they compile. */
import { Environment } from '@marcbachmann/cel-js';
import { show } from './show.ts';

const LONGEST = 4096;

/** `event` has the CloudEvents attributes as text, `data` is the payload where that is JSON and null otherwise. */
export const celEnvironment = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 50 } })
  .registerVariable('event', 'map<string, string>')
  .registerVariable('data', 'dyn');

/** What is wrong with it, or undefined. */
export function celMistake(expression: unknown): string | undefined {
  if (typeof expression !== 'string') return `is ${show(expression, 'cel')}, which isn't an expression`;
  if (expression.trim() === '') return 'is empty';
  if (expression.length > LONGEST) return `has ${expression.length} characters, more than ${LONGEST}`;
  const result = celEnvironment.check(expression);
  if (!result.valid) return `is ${show(expression, 'cel')}, which doesn't compile: ${firstLine(result.error?.message)}`;
  if (result.type !== 'bool' && result.type !== 'dyn') {
    return `is ${show(expression, 'cel')}, which gives ${result.type} instead of true or false`;
  }
  return undefined;
}

function firstLine(text = 'no reason is known'): string {
  return text.split('\n', 1)[0] ?? text;
}
