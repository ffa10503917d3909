/** Makes the evaluation of CEL expressions count what it does, and stop where a record's budget is spent. */
import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { BUDGET_SPENT, CelBudget } from './budget.ts';
import { asNode, callOf, childrenOf, countOf, type Evaluator, type Handler, loopOf, type Node } from './nodes.ts';
import type { Pattern } from './pattern.ts';
import { isMap, keysOf, spendOnCall, spendOnOperator } from './weights.ts';

/** Throws what the evaluation threw, or `BUDGET_SPENT`. */
export type Metered = (context: object, budget: CelBudget) => unknown;

/**
 * Meters an expression that was checked and found right. `patternOf` gives the pattern of a call of `matches`. Node
 * counts are spent at once, for the whole and at each turn of a loop; what depends on the size of a value is spent
 * before the operator or function runs on it.
 */
export function meter(parsed: ParseResult, patternOf: (call: Node) => Pattern | undefined): Metered {
  const root = asNode(parsed.ast);
  const steps = countOf(root);
  meterNode(root, patternOf);
  const errorSteps = LEAST_ERROR_STEPS + root.input.length / ERROR_CHARACTERS_A_STEP;
  return (context, budget) => {
    const outer = now;
    const { stackTraceLimit } = Error;
    now = { budget, errorSteps };
    // Most errors are a missing key and caught here: a stack takes longer than the evaluation.
    Error.stackTraceLimit = 0;
    try {
      budget.spend(steps);
      return parsed(context);
    } catch (error) {
      spendOnError(error);
      throw error;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      now = outer;
    }
  };
}

// An error of a function has a message that quotes the line of the expression.
const LEAST_ERROR_STEPS = 100;
const ERROR_CHARACTERS_A_STEP = 8;

/** Of the evaluation that runs; nothing in it waits. */
let now = { budget: new CelBudget(), errorSteps: 0 };

const spend = (steps: number): void => now.budget.spend(steps);

function meterNode(node: Node, patternOf: (call: Node) => Pattern | undefined): void {
  for (const child of childrenOf(node)) meterNode(child, patternOf);
  const loop = loopOf(node);
  if (loop !== undefined) {
    const { handle } = loop;
    if (handle) loop.handle = (range, ...rest) => handle(rangeOf(range), ...rest);
    meterTurns(loop.args.step, 2 + countOfTurn(node));
    return;
  }
  const { handle } = node;
  if (handle !== undefined) node.handle = meteredHandle(node, handle, patternOf(node));
}

/** A turn of a loop evaluates all arguments but the first, which names the variable. */
function countOfTurn(node: Node): number {
  const [, ...repeated] = callOf(node)?.args ?? [];
  return repeated.reduce((sum, argument) => sum + countOf(argument), 0);
}

function meterTurns(step: Node, steps: number): void {
  const { evaluate } = step.meta;
  step.setMeta('evaluate', (evaluator, node, context) => {
    spend(steps);
    return evaluate(evaluator, node, context);
  });
}

/** A map's keys, which the library would list once more. */
function rangeOf(range: unknown): unknown {
  return isMap(range) ? keysOf(range, now.budget) : range;
}

function meteredHandle(node: Node, handle: Handler, pattern: Pattern | undefined): Handler {
  const { op } = node;
  if (pattern !== undefined) {
    return (operands) => pattern.test(textOf(operands), spend);
  }
  const name = callOf(node)?.name;
  if (name !== undefined) {
    return (operands, ...rest) => {
      if (Array.isArray(operands)) spendOnCall(name, operands, now.budget);
      return handle(operands, ...rest);
    };
  }
  if (!SIZED.has(op)) return handle;
  return (left, right, ...rest) => {
    spendOnOperator(op, left, right, now.budget);
    return handle(left, right, ...rest);
  };
}

/** Operators whose time depends on how large their operands are. */
const SIZED: ReadonlySet<string> = new Set(['==', '!=', 'in', '+', '<', '<=', '>', '>=']);

function textOf(operands: unknown): string {
  const text: unknown = Array.isArray(operands) ? operands[0] : undefined;
  if (typeof text === 'string') return text;
  throw new Error('matches is asked of what is not text');
}

/**
 * Changes three things in how an environment evaluates: a spent budget ends the evaluation wherever it is, where the
 * library takes it for one more error that `||` or `exists` may overlook; errors that are overlooked cost steps, and
 * don't quote the expression; and the type of a value isn't told from the elements within it, as the library keeps a
 * description of each such type for ever, and takes the square of the depth to make it.
 */
export function meterErrors(environment: Environment): void {
  const evaluator = evaluatorOf(environment);
  evaluator.tryEval = (node, context) => {
    try {
      return evaluator.run(node, context);
    } catch (error) {
      spendOnError(error);
      return error;
    }
  };
  evaluator.createError = () => EVALUATION_FAILED;
  evaluator.debugTypeDeep = (value) => evaluator.debugType(value);
}

/** A missing key and the like. Always this one: nobody reads the message, and making an error takes longer than a turn. */
const EVALUATION_FAILED = new Error('the expression fails on this record');
const FAILURE_STEPS = 25;

/** Throws `BUDGET_SPENT` on. */
function spendOnError(error: unknown): void {
  if (error === BUDGET_SPENT) throw BUDGET_SPENT;
  spend(error === EVALUATION_FAILED ? FAILURE_STEPS : now.errorSteps);
}

function evaluatorOf(environment: Environment): Evaluator {
  let found: Evaluator | undefined;
  const probe = environment.parse('true');
  asNode(probe.ast).evaluate = (evaluator) => {
    found = evaluator;
    return true;
  };
  probe();
  if (found === undefined) throw new Error('cel-js evaluates in a way that is not known: its version must be 8.0.0');
  return found;
}
