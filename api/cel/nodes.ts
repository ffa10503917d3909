/** The nodes of a checked expression, with the parts of the library's that its types leave out. */
import type { ASTNode } from '@marcbachmann/cel-js';

/** What evaluates a node; also given to handlers. */
export interface Evaluator {
  run(node: Node, context: unknown): unknown;
  /** Runs what may fail without the whole failing; gives the error. */
  tryEval(node: Node, context: unknown): unknown;
  createError(code: string, message: string, node?: Node): Error;
  debugType(value: unknown): unknown;
  /** The type of a value with those of its first elements. */
  debugTypeDeep(value: unknown): unknown;
}

/** Takes a node's evaluated operands: a binary operator's two, a call's as one list, the range of a loop. */
export type Handler = (first: unknown, second: unknown, ...rest: unknown[]) => unknown;

interface Internals {
  /** Of operators, calls and loops once they are checked. */
  handle?: Handler;
  evaluate(evaluator: Evaluator, node: Node, context: unknown): unknown;
  readonly meta: {
    /** What a macro was made into. */
    readonly alternate?: Loop | { readonly op: 'value' };
    readonly evaluate: Node['evaluate'];
  };
  setMeta(key: 'evaluate', value: Node['evaluate']): this;
}

export type Node = ASTNode & Internals;

/** `list.exists(item, …)` and the other macros that repeat an expression. */
export interface Loop extends Internals {
  readonly op: 'comprehension';
  readonly args: { readonly step: Node };
}

export function loopOf(node: Node): Loop | undefined {
  const { alternate } = node.meta;
  return alternate?.op === 'comprehension' ? alternate : undefined;
}

/** A node's name, receiver and arguments where it is a call. */
export function callOf(node: Node): Call | undefined {
  if (node.op === 'call') return { name: node.args[0], receiver: undefined, args: asNodes(node.args[1]) };
  if (node.op !== 'rcall') return undefined;
  const [name, receiver, args] = node.args;
  return { name, receiver: asNode(receiver), args: asNodes(args) };
}

export interface Call {
  readonly name: string;
  readonly receiver: Node | undefined;
  readonly args: readonly Node[];
}

/** In the order in which they are written. The name of a loop's variable is one of them, too. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [asNode(node.args[0])];
    case '!_':
    case '-_':
      return [asNode(node.args)];
    case 'map':
      return asNodes(node.args.flat());
    case 'call':
      return asNodes(node.args[1]);
    case 'rcall':
      return asNodes([node.args[1], ...node.args[2]]);
    default:
      return asNodes(node.args);
  }
}

/** A parsed node always has the parts that its type leaves out. */
export function asNode(node: ASTNode): Node {
  return node as Node;
}

function asNodes(nodes: readonly ASTNode[]): readonly Node[] {
  return nodes as readonly Node[];
}

/** How many nodes are evaluated once when `node` is: without what its loops repeat. */
export function countOf(node: Node): number {
  const repeated = loopOf(node) ? (callOf(node)?.args ?? []) : [];
  let count = 1;
  for (const child of childrenOf(node)) if (!repeated.includes(child)) count += countOf(child);
  return count;
}
