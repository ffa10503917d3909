/** The steps that operators and functions take on large values, told before they run. */
import type { CelBudget } from './budget.ts';

/** Spends the steps of a binary operator. */
export function spendOnOperator(op: string, left: unknown, right: unknown, budget: CelBudget): void {
  switch (op) {
    case '==':
    case '!=':
      spendOnComparison(left, right, budget);
      break;
    case 'in':
      spendOnSearch(left, right, budget);
      break;
    case '+':
      budget.spend((sizeOf(left) + sizeOf(right)) / (Array.isArray(left) ? READ : COPIED));
      break;
    default:
      if (typeof left === 'string' && typeof right === 'string') {
        budget.spend(Math.min(left.length, right.length) / COPIED);
      }
  }
}

// Characters, bytes or elements that take one step.
const COPIED = 32;
const READ = 8;
const COMPARED = 2;
const PARSED = 1;
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
      budget.spend(sizeOf(second) / COPIED);
      break;
    case 'contains':
    case 'indexOf':
    case 'lastIndexOf':
    case 'split':
      budget.spend(sizeOf(first) / READ_BY[name] + searchSteps(first, second));
      break;
    case 'dyn':
    case 'type':
      break;
    case 'substring':
    case 'trim':
    case 'at':
      budget.spend(sizeOf(first) / COPIED);
      break;
    case 'size':
      spendOnSize(first, budget);
      break;
    case 'join':
      spendOnJoin(first, second, budget);
      break;
    case 'duration':
      // The library looks for each of its parts from each character on, and goes back over the digits.
      budget.spend(DATE + sizeOf(first) ** 3 / 200);
      break;
    case 'timestamp':
      budget.spend(DATE);
      break;
    default:
      if (name.startsWith('get')) budget.spend(operands.length > 1 ? DATE_IN_A_TIME_ZONE : DATE);
      else spendOnConversion(name, operands, budget);
  }
}

const READ_BY = { contains: COPIED, indexOf: COPIED, lastIndexOf: COPIED, split: READ } as const;

/** Conversions, and any function that isn't known here, at the price of parsing. */
function spendOnConversion(name: string, operands: readonly unknown[], budget: CelBudget): void {
  const each = READERS.has(name) ? READ : PARSED;
  for (const operand of operands) budget.spend(sizeOf(operand) / each);
}

const READERS: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'int',
  'uint',
  'string',
  'hex',
  'base64',
  'lowerAscii',
  'upperAscii',
]);

/** `in` compares with each element of a list; in a map it looks the key up. */
function spendOnSearch(sought: unknown, range: unknown, budget: CelBudget): void {
  if (!Array.isArray(range)) return;
  budget.spend(range.length / COMPARED);
  for (const element of range) spendOnComparison(sought, element, budget);
}

function spendOnSize(value: unknown, budget: CelBudget): void {
  if (Array.isArray(value)) return;
  if (isMap(value)) keysOf(value, budget);
  else budget.spend(sizeOf(value) / READ);
}

function searchSteps(text: unknown, sought: unknown): number {
  const length = sizeOf(text);
  return (length * Math.min(length, sizeOf(sought))) / SEARCHED;
}

function spendOnJoin(list: unknown, separator: unknown, budget: CelBudget): void {
  if (!Array.isArray(list)) return;
  budget.spend(list.length * (1 + sizeOf(separator) / COPIED));
  for (const element of list) budget.spend(sizeOf(element) / COPIED);
}

const A_LIST = 4;
const A_MAP = 10;

/** Equality goes down into both as long as they are alike: no deeper than the smaller one. */
function spendOnComparison(left: unknown, right: unknown, budget: CelBudget): void {
  if (left === right) return;
  if (typeof left === 'string' && typeof right === 'string') {
    if (left.length === right.length) budget.spend(left.length / COPIED);
  } else if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) return;
    budget.spend(A_LIST + left.length / COMPARED);
    for (const [at, element] of left.entries()) spendOnComparison(element, right[at], budget);
  } else if (left instanceof Uint8Array && right instanceof Uint8Array) {
    if (left.length === right.length) budget.spend(left.length / READ);
  } else if (isMap(left) && isMap(right)) {
    const keys = keysOf(left, budget);
    keysOf(right, budget);
    for (const key of keys) spendOnComparison(left[key], right[key], budget);
  }
}

type CelMap = Readonly<Record<string, unknown>>;

/** The keys of a map, paid for twice: they are listed once more, or read one by one. */
export function keysOf(map: CelMap, budget: CelBudget): readonly string[] {
  const keys = Object.keys(map);
  budget.spend(A_MAP + 2 * keys.length);
  return keys;
}

/** Whether CEL may see it as a map. */
export function isMap(value: unknown): value is CelMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Characters, bytes or elements. */
function sizeOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array ? value.length : 1;
}
