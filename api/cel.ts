/** Conditions in CEL (the Common Expression Language): what they may speak of, whether they compile, and running them. */
import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { boundsOf, isProblem, type Patterns } from './cel/bounds.ts';
import { CelBudget } from './cel/budget.ts';
import { meter, meterErrors } from './cel/meter.ts';
import { asNode } from './cel/nodes.ts';
import { show } from './show.ts';

export { CelBudget };

const LONGEST = 4096;

const environment = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 50 } })
  .registerVariable('event', 'map<string, string>')
  .registerVariable('data', 'dyn');
meterErrors(environment);

export interface CelMistake {
  readonly message: string;
  readonly cure: string;
}

/** What an expression may read of a record; `data` may throw, and the expression then fails. */
export interface CelRecord {
  /** The CloudEvents attributes. */
  readonly event: Readonly<Record<string, string>>;
  /** The payload where that is JSON, and null otherwise. */
  readonly data: unknown;
}

/** Undefined where the expression fails, gives no truth value, or the budget is spent. */
export type CelCondition = (record: CelRecord, budget: CelBudget) => boolean | undefined;

/** What is wrong with it, or undefined. */
export function celMistake(expression: unknown): CelMistake | undefined {
  const compiled = compile(expression);
  return 'message' in compiled ? compiled : undefined;
}

/** An expression without a mistake as a function. Throws for one with a mistake. */
export function compileCel(expression: string): CelCondition {
  const compiled = compile(expression);
  if ('message' in compiled) throw new Error(`compiling CEL: ${expression} ${compiled.message}`);
  const { parsed, patterns } = compiled;
  const evaluate = meter(parsed, (node) => patterns.get(node));
  return (record, budget) => {
    if (budget.isSpent) return undefined;
    try {
      const result = evaluate(record, budget);
      return typeof result === 'boolean' ? result : undefined;
    } catch {
      return undefined;
    }
  };
}

interface Compiled {
  readonly parsed: ParseResult;
  readonly patterns: Patterns;
}

/** A field whose presence would keep the evaluator from knowing a map: records are read without it. */
const UNREADABLE = /\.\s*constructor\b|\[\s*r?(["'])constructor\1\s*\]/;

const CURE = "Write a condition, such as event.type == 'order.paid'.";

function compile(expression: unknown): Compiled | CelMistake {
  if (typeof expression !== 'string') {
    return { message: `is ${show(expression, 'cel')}, which isn't an expression`, cure: CURE };
  }
  if (expression.trim() === '') return { message: 'is empty', cure: CURE };
  if (expression.length > LONGEST) {
    return { message: `has ${expression.length} characters, more than ${LONGEST}`, cure: 'Write a shorter one.' };
  }
  const shown = `is ${show(expression, 'cel')}, `;
  const checked = environment.check(expression);
  if (!checked.valid) {
    const reason = checked.error?.summary ?? firstLine(checked.error?.message);
    const where = placeIn(expression, checked.error?.range?.start);
    return { message: `${shown}which doesn't compile: ${firstLine(reason)}${where}`, cure: CURE };
  }
  if (checked.type !== 'bool' && checked.type !== 'dyn') {
    return { message: `${shown}which gives ${checked.type} instead of true or false`, cure: CURE };
  }
  const unreadable = UNREADABLE.exec(expression);
  if (unreadable !== null) {
    const message = `${shown}which reads the name constructor, hidden from expressions${placeIn(expression, unreadable.index)}`;
    return { message, cure: 'Write exact, prefix or suffix for an attribute of that name.' };
  }
  const parsed = environment.parse(expression);
  parsed.check();
  const bounds = boundsOf(asNode(parsed.ast));
  if (!isProblem(bounds)) return { parsed, patterns: bounds };
  return { message: `${shown}${bounds.message}${placeIn(expression, bounds.position)}`, cure: bounds.cure };
}

/** Both count from 1, as editors do. */
function placeIn(expression: string, position: number | undefined): string {
  if (position === undefined) return '';
  const before = expression.slice(0, position).split('\n');
  const character = (before.at(-1)?.length ?? 0) + 1;
  return before.length > 1 ? ` (line ${before.length}, character ${character})` : ` (character ${character})`;
}

function firstLine(text = 'no reason is known'): string {
  return text.split('\n', 1)[0] ?? text;
}
