/** The steps that operators and functions take on large values, told before they run. */
import type { CelBudget } from './budget.ts';

/** Spends the steps of a binary operator. */
export function spendOnOperator(op: string, left: unknown, right: unknown, budget: CelBudget): void {
  switch (op) {
    case '==':
    case '!=':
      return spendOnComparison(left, right, budget);
    case 'in':
      if (!Array.isArray(right)) return;
      budget.spend(right.length / ELEMENTS_A_STEP);
      for (const element of right) spendOnComparison(left, element, budget);
      return;
    case '+':
      budget.spend((sizeOf(left) + sizeOf(right)) / COPIED);
      return;
    default:
      if (typeof left === 'string' && typeof right === 'string') {
        budget.spend(Math.min(left.length, right.length) / COPIED);
      }
  }
}

// Characters or elements that one step is enough for.
const COPIED = 32;
const READ = 8;
const PARSED = 1;
const ELEMENTS_A_STEP = 4;
/** Pairs of characters that a search compares, at worst each of the text with each of what is looked for. */
const SEARCHED = 128;

const DATE = 100;
const DATE_IN_A_TIME_ZONE = 3000;

/** Spends the steps of a function; `operands` begin with the receiver where it has one. */
export function spendOnCall(name: string, operands: readonly unknown[], budget: CelBudget): void {
  const [first, second] = operands;
  switch (name) {
    case 'startsWith':
    case 'endsWith':
      return budget.spend(sizeOf(second) / COPIED);
    case 'contains':
    case 'indexOf':
    case 'lastIndexOf':
    case 'split':
      return budget.spend(sizeOf(first) / READ_BY[name] + searchSteps(first, second));
    case 'substring':
    case 'trim':
    case 'at':
    case 'dyn':
    case 'type':
      return budget.spend(name === 'dyn' || name === 'type' ? 1 : sizeOf(first) / COPIED);
    case 'size':
      return budget.spend(Array.isArray(first) ? 1 : sizeOf(first) / READ);
    case 'join':
      return spendOnJoin(first, second, budget);
    case 'duration':
      // The library looks for each of its parts from each character on, and goes back over the digits.
      return budget.spend(DATE + sizeOf(first) ** 3 / 200);
    case 'timestamp':
      return budget.spend(DATE);
    default:
      if (name.startsWith('get')) return budget.spend(operands.length > 1 ? DATE_IN_A_TIME_ZONE : DATE);
      return spendOnConversion(name, operands, budget);
  }
}

const READ_BY = { contains: COPIED, indexOf: COPIED, lastIndexOf: COPIED, split: READ } as const;

/** Conversions, and any function that isn't known here, at the price of parsing. */
function spendOnConversion(name: string, operands: readonly unknown[], budget: CelBudget): void {
  const each = READERS.has(name) ? READ : PARSED;
  for (const operand of operands) budget.spend(sizeOf(operand) / each);
}

const READERS: ReadonlySet<string> = new Set([
  'bool,bytes,double,int,uint,string,hex,base64,lowerAscii,upperAscii'.split(','),
].flat());

function searchSteps(text: unknown, sought: unknown): number {
  const length = sizeOf(text);
  return (length * Math.min(length, sizeOf(sought))) / SEARCHED;
}

function spendOnJoin(list: unknown, separator: unknown, budget: CelBudget): void {
  if (!Array.isArray(list)) return;
  budget.spend((list.length * (1 + sizeOf(separator) / COPIED)) / 1);
  for (const element of list) budget.spend(sizeOf(element) / COPIED);
}

/** Equality goes down into both as long as they are alike: no deeper than the smaller one. */
function spendOnComparison(left: unknown, right: unknown, budget: CelBudget): void {
  if (typeof left === 'string' && typeof right === 'string') {
    if (left.length === right.length) budget.spend(left.length / COPIED);
    return;
  }
  if (!isComposite(left) || !isComposite(right) || left === right) return;
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) return;
    budget.spend(2 + left.length / ELEMENTS_A_STEP);
    for (const [at, element] of left.entries()) spendOnComparison(element, right[at], budget);
    return;
  }
  if (Array.isArray(left) || Array.isArray(right)) return;
  const keys = keysOf(left, budget);
  keysOf(right, budget);
  for (const key of keys) spendOnComparison(left[key], right[key], budget);
}

/** The keys of a map, paid for: `list.exists` and the like range over them, and equality lists them. */
export function keysOf(map: Readonly<Record<string, unknown>>, budget: CelBudget): readonly string[] {
  const keys = Object.keys(map);
  budget.spend(2 + keys.length);
  return keys;
}

export function isComposite(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Characters, bytes, elements or entries. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return isComposite(value) ? Object.keys(value).length : 1;
}
