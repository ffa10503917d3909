/** Regular expressions in RE2's syntax, matched in time that is linear in the text and counted on the way. */
import { RE2JS } from '@bufbuild/re2';
import { PatternProblem, patternProblem } from './pattern-limits.ts';

/** Instructions of all patterns of one expression together. */
export const MOST_INSTRUCTIONS = 1000;

export interface Pattern {
  readonly instructions: number;
  /** Whether it is found anywhere in `text`. `spend` is told the steps as they are done, and may throw. */
  test(text: string, spend: (steps: number) => void): boolean;
}

/** Throws a `PatternProblem` where RE2 doesn't accept it, or it needs more than `most` instructions. */
export function compilePattern(text: string, most = MOST_INSTRUCTIONS): Pattern {
  const problem = patternProblem(text, most);
  if (problem !== undefined) throw new PatternProblem(problem);
  const { inst, start } = programOf(text);
  if (inst.length > most) throw new PatternProblem(`needs more than ${most} instructions`);
  return new Machine(inst, start);
}

function programOf(text: string): Program {
  try {
    return RE2JS.compile(text).re2().prog;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace('error parsing regexp: ', '') : String(error);
    throw new PatternProblem(`isn't one that RE2 accepts: ${reason}`);
  }
}

type Program = ReturnType<RE2JS['re2']>['prog'];
type Instruction = Program['inst'][number];

// The library keeps the names of its operations to itself.
const ALT = 1;
const ALT_MATCH = 2;
const CAPTURE = 3;
const EMPTY_WIDTH = 4;
const FAIL = 5;
const MATCH = 6;
const NOP = 7;
const LAST = 11;

const BEGIN_LINE = 1;
const END_LINE = 2;
const BEGIN_TEXT = 4;
const END_TEXT = 8;
const WORD_BOUNDARY = 16;
const NO_WORD_BOUNDARY = 32;

/** Visited instructions that are one step. */
const VISITS_A_STEP = 4;
/** How many are spent together. */
const VISITS_AT_ONCE = 256;
/** In visits: a character, and one beyond ASCII at each instruction that may take it. */
const VISITS_A_CHARACTER = 2;
const VISITS_TO_LOOK_UP = 8;
const ASCII = 128;
const END = -1;

/**
 * Walks all ways through the program at once, character by character (Thompson's simulation): each instruction is
 * visited at most once a character. The library's own matcher caches automaton states instead, whose making takes tens
 * of microseconds a character and megabytes of memory where a text is made for it.
 */
class Machine implements Pattern {
  readonly instructions: number;
  readonly #program: readonly Instruction[];
  readonly #start: number;
  readonly #isAnchored: boolean;
  readonly #op: Int32Array;
  readonly #out: Int32Array;
  readonly #arg: Int32Array;
  /** Four words of bits an instruction: which ASCII characters it takes. */
  readonly #ascii: Uint32Array;
  /** When each instruction was visited last. */
  readonly #visited: Float64Array;
  readonly #stack: Int32Array;
  #visit = 0;
  #now: Int32Array;
  #next: Int32Array;
  /** How many of `#next` are filled. */
  #ways = 0;

  constructor(program: readonly Instruction[], start: number) {
    const { length } = program;
    this.instructions = length;
    this.#program = program;
    this.#start = start;
    this.#op = Int32Array.from(program, ({ op }) => op);
    this.#out = Int32Array.from(program, ({ out }) => out);
    this.#arg = Int32Array.from(program, ({ arg }) => arg);
    this.#ascii = asciiOf(program);
    this.#visited = new Float64Array(length);
    // An instruction is visited once and pushes two at most; one way leads on from it at most.
    this.#stack = new Int32Array(2 * length + 2);
    this.#now = new Int32Array(length + 1);
    this.#next = new Int32Array(length + 1);
    this.#isAnchored = isAnchored(program, start);
  }

  test(text: string, spend: (steps: number) => void): boolean {
    let visits = 0;
    let before = END;
    this.#ways = 0;
    for (let at = 0; ; ) {
      const rune = text.codePointAt(at) ?? END;
      if (at === 0 || !this.#isAnchored) {
        this.#next[this.#ways] = this.#start;
        this.#ways += 1;
      } else if (this.#ways === 0) {
        return false;
      }
      const found = this.#step(rune, conditionsBetween(before, rune));
      if (found === FOUND) return true;
      visits += found;
      if (rune === END || visits >= VISITS_AT_ONCE) {
        spend(visits / VISITS_A_STEP);
        visits = 0;
      }
      if (rune === END) return false;
      before = rune;
      at += rune > 0xffff ? 2 : 1;
    }
  }

  /** Replaces `#next` by where `rune` leads to from it; gives the work done in visits, or FOUND. */
  #step(rune: number, conditions: number): number {
    const now = this.#next;
    const next = this.#now;
    const ways = this.#ways;
    this.#now = now;
    this.#next = next;
    const visited = this.#visited;
    const stack = this.#stack;
    const visit = this.#visit + 1;
    this.#visit = visit;
    let found = 0;
    let visits = VISITS_A_CHARACTER;
    for (let way = 0; way < ways; way += 1) {
      stack[0] = now[way] ?? 0;
      for (let depth = 1; depth > 0; ) {
        depth -= 1;
        const at = stack[depth] ?? 0;
        if (visited[at] === visit) continue;
        visited[at] = visit;
        visits += 1;
        const op = this.#op[at] ?? FAIL;
        if (op === MATCH) return FOUND;
        if (op > NOP) {
          if (rune >= ASCII) visits += VISITS_TO_LOOK_UP;
          if (this.#takes(at, rune)) next[found++] = this.#out[at] ?? 0;
        } else if (op === ALT || op === ALT_MATCH) {
          stack[depth++] = this.#arg[at] ?? 0;
          stack[depth++] = this.#out[at] ?? 0;
        } else if (op !== FAIL && (op !== EMPTY_WIDTH || ((this.#arg[at] ?? 0) & ~conditions) === 0)) {
          stack[depth++] = this.#out[at] ?? 0;
        }
      }
    }
    this.#ways = found;
    return visits;
  }

  #takes(at: number, rune: number): boolean {
    if (rune === END) return false;
    if (rune >= ASCII) return this.#program[at]?.matchRune(rune) === true;
    return (((this.#ascii[at * 4 + (rune >> 5)] ?? 0) >>> (rune & 31)) & 1) === 1;
  }
}

/** In place of a number of visits. */
const FOUND = -1;

function asciiOf(program: readonly Instruction[]): Uint32Array {
  const words = new Uint32Array(program.length * 4);
  for (const [at, instruction] of program.entries()) {
    if (instruction.op > LAST) throw new PatternProblem('has an instruction that is not known');
    if (instruction.op <= NOP) continue;
    for (let rune = 0; rune < ASCII; rune += 1) {
      const word = at * 4 + (rune >> 5);
      if (instruction.matchRune(rune)) words[word] = (words[word] ?? 0) | (1 << (rune & 31));
    }
  }
  return words;
}

/** Whether nothing but the beginning of the text can begin a match. */
function isAnchored(program: readonly Instruction[], start: number): boolean {
  for (let at = start; ; ) {
    const instruction = program[at];
    if (instruction?.op === CAPTURE || instruction?.op === NOP) at = instruction.out;
    else return instruction?.op === EMPTY_WIDTH && (instruction.arg & BEGIN_TEXT) !== 0;
  }
}

function conditionsBetween(before: number, after: number): number {
  let conditions = isWord(before) === isWord(after) ? NO_WORD_BOUNDARY : WORD_BOUNDARY;
  if (before === END) conditions |= BEGIN_TEXT | BEGIN_LINE;
  if (before === 10) conditions |= BEGIN_LINE;
  if (after === END) conditions |= END_TEXT | END_LINE;
  if (after === 10) conditions |= END_LINE;
  return conditions;
}

function isWord(rune: number): boolean {
  return (rune >= 97 && rune <= 122) || (rune >= 65 && rune <= 90) || (rune >= 48 && rune <= 57) || rune === 95;
}
