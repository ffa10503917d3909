/** What can be said of an expression's work before it meets a record: refuses what nothing bounds. */
import { MOST_STEPS } from './budget.ts';
import { type Call, callOf, childrenOf, countOf, loopOf, type Node } from './nodes.ts';
import { compilePattern, MOST_INSTRUCTIONS, type Pattern } from './pattern.ts';
import { PatternProblem } from './pattern-limits.ts';

export interface BoundsProblem {
  /** Follows the expression: "whose pattern isn't …". */
  readonly message: string;
  readonly cure: string;
  /** Where in the expression, from 0. */
  readonly position: number;
}

export type Patterns = ReadonlyMap<Node, Pattern>;

/** The compiled patterns of a checked expression, or the first thing that is wrong with it. */
export function boundsOf(root: Node): Patterns | BoundsProblem {
  const walk: Walk = { patterns: new Map(), instructions: MOST_INSTRUCTIONS };
  return check(root, OUTSIDE, walk) ?? walk.patterns;
}

export function isProblem(bounds: Patterns | BoundsProblem): bounds is BoundsProblem {
  return 'message' in bounds;
}

interface Walk {
  readonly patterns: Map<Node, Pattern>;
  /** Those that are left for further patterns. */
  instructions: number;
}

/** The loops around a node. */
interface Loops {
  /** How many of them multiply with the size of the data. */
  readonly overData: number;
  /** The variable of the innermost one over data: what is within its value doesn't multiply. */
  readonly variable: string | undefined;
  /** How often those over written lists repeat it. */
  readonly turns: number;
}

const OUTSIDE: Loops = { overData: 0, variable: undefined, turns: 1 };
const MOST_OVER_DATA = 2;

function check(node: Node, loops: Loops, walk: Walk): BoundsProblem | undefined {
  const call = callOf(node);
  if (node.op === 'value') return integerProblem(node, MOST_INTEGER);
  if (node.op === '-_') {
    const [operand] = childrenOf(node);
    if (operand?.op === 'value') return integerProblem(operand, MOST_INTEGER + 1n);
  }
  if (call !== undefined && loopOf(node) !== undefined) {
    const { receiver, args } = call;
    const [variable, ...repeated] = args;
    if (receiver === undefined || variable?.op !== 'id') return undefined;
    const inner = loopsWithin(receiver, variable.args, loops);
    return (
      check(receiver, loops, walk) ?? loopsProblem(node, inner) ?? first(repeated, (one) => check(one, inner, walk))
    );
  }
  const bound = call && boundVariable(call);
  const within = bound !== undefined && bound === loops.variable ? { ...loops, variable: undefined } : loops;
  const problem = first(childrenOf(node), (child) => check(child, within, walk));
  if (problem !== undefined || call?.name !== 'matches') return problem;
  return takePattern(node, call.args.at(-1), walk);
}

/** The variable of `cel.bind(variable, value, expression)`, which hides a loop's of that name. */
function boundVariable({ name, receiver, args }: Call): string | undefined {
  const [variable] = args;
  return name === 'bind' && receiver?.op === 'id' && variable?.op === 'id' ? variable.args : undefined;
}

function loopsWithin(range: Node, variable: string, loops: Loops): Loops {
  const names = namesIn(range);
  if (names.size === 0) {
    return { ...loops, turns: loops.turns * (range.op === 'list' || range.op === 'map' ? range.args.length : 1) };
  }
  const isWithin = names.size === 1 && loops.variable !== undefined && names.has(loops.variable);
  return { ...loops, overData: isWithin ? loops.overData : loops.overData + 1, variable };
}

/** The variables that an expression reads and doesn't declare itself. */
function namesIn(node: Node): ReadonlySet<string> {
  if (node.op === 'id') return new Set([node.args]);
  const names = new Set(childrenOf(node).flatMap((child) => [...namesIn(child)]));
  const [variable] = (loopOf(node) && callOf(node)?.args) ?? [];
  if (variable?.op === 'id') names.delete(variable.args);
  return names;
}

function loopsProblem(node: Node, { overData, turns }: Loops): BoundsProblem | undefined {
  if (overData > MOST_OVER_DATA) {
    const message = `whose loops over data multiply, ${overData} within one another`;
    const cure = `Nest ${MOST_OVER_DATA} at most, or let the inner one range over the outer one's variable.`;
    return { message, cure, position: node.start };
  }
  const steps = turns * (1 + countOf(node));
  if (steps <= MOST_STEPS) return undefined;
  const message = `whose loops over written lists take ${steps} steps, more than ${MOST_STEPS}`;
  return { message, cure: 'Write shorter lists, or fewer within one another.', position: node.start };
}

const MOST_INTEGER = 2n ** 63n - 1n;

function integerProblem(node: Node, most: bigint): BoundsProblem | undefined {
  if (node.op !== 'value' || typeof node.args !== 'bigint' || node.args <= most) return undefined;
  const message = 'which has an integer of more than 64 bits';
  return { message, cure: 'Write it as a double, such as 1e30.', position: node.start };
}

function takePattern(node: Node, pattern: Node | undefined, walk: Walk): BoundsProblem | undefined {
  const position = pattern?.start ?? node.start;
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') {
    const message = "whose pattern isn't written out as one text";
    return { message, cure: "Write the pattern in quotes, such as event.subject.matches('^a+$').", position };
  }
  try {
    const compiled = compilePattern(pattern.args, walk.instructions);
    walk.instructions -= compiled.instructions;
    walk.patterns.set(node, compiled);
    return undefined;
  } catch (error) {
    if (!(error instanceof PatternProblem)) throw error;
    const cure = "Write a pattern in RE2's syntax: no look-around, no back-references, counts of 1000 at most.";
    return { message: `whose pattern ${error.message}`, cure, position };
  }
}

function first<T>(nodes: readonly Node[], problemOf: (node: Node) => T | undefined): T | undefined {
  for (const node of nodes) {
    const problem = problemOf(node);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
