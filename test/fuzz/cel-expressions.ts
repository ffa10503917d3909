/** CEL expressions of any shape, and what each takes on hostile records. */
import fc, { type Arbitrary, type LetrecTypedTie } from 'fast-check';
import { cpuTimeOf, HOSTILE_RECORDS, judgeOf } from './cel-records.ts';

interface Grammar {
  bool: string;
  text: string;
  number: string;
  list: string;
  any: string;
}

const VARIABLES = ['i', 'j', 'k'];
const PATTERNS = ['^(a+)+$', '(x+x+)+y', '(a|aa)+b', '(.*a){12}b', 'a[as]{60}[cd]$', 'é+(?i)k', '^[a-z]+$', r`(\d+)+h`];

function r(strings: TemplateStringsArray): string {
  return strings.raw.join('');
}

/** Most have the right types. */
const grammar = fc.letrec<Grammar>((tie: LetrecTypedTie<Grammar>) => {
  const variable = fc.constantFrom(...VARIABLES);
  const of = (make: (...parts: string[]) => string, ...parts: Arbitrary<string>[]) =>
    fc.tuple(...parts).map((made) => make(...made));
  const { bool, text, number, list, any } = {
    bool: tie('bool'),
    text: tie('text'),
    number: tie('number'),
    list: tie('list'),
    any: tie('any'),
  };
  const loop = (names: readonly string[], body: Arbitrary<string>) =>
    of(
      (range, name, item, inner) => `${range}.${name}(${item}, ${inner})`,
      list,
      fc.constantFrom(...names),
      variable,
      body,
    );
  return {
    bool: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('true', 'false', 'has(data.m)', 'data.missing', 'data.m != null', 'data == null'),
      loop(['all', 'exists', 'exists_one'], bool),
      loop(['all', 'exists', 'exists_one'], bool),
      of((left, op, right) => `(${left} ${op} ${right})`, bool, fc.constantFrom('&&', '||', '=='), bool),
      of((left, op, right) => `(${left} ${op} ${right})`, text, fc.constantFrom('==', '<', '!='), text),
      of((left, op, right) => `(${left} ${op} ${right})`, any, fc.constantFrom('==', '!=', 'in'), any),
      of((left, op, right) => `(${left} ${op} ${right})`, number, fc.constantFrom('==', '<', '>='), number),
      of((left, right) => `(${left} in ${right})`, any, list),
      of((of, pattern) => `${of}.matches(r'${pattern}')`, text, fc.constantFrom(...PATTERNS)),
      of((of, pattern) => `dyn(${of}).matches(r'${pattern}')`, any, fc.constantFrom(...PATTERNS)),
      of(
        (of, name, sought) => `${of}.${name}(${sought})`,
        text,
        fc.constantFrom('contains', 'startsWith', 'endsWith'),
        text,
      ),
      of((of) => `(duration(${of}) > duration('1s'))`, text),
      of((test, yes, no) => `(${test} ? ${yes} : ${no})`, bool, bool, bool),
      of((not) => `!(${not})`, bool),
      of((name, value, inner) => `cel.bind(${name}, ${value}, ${inner})`, variable, any, bool),
    ),
    text: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom("''", "'a'", "'é'", 'event.subject', 'event.note', 'data.s', 'data.t', 'string(i)', 'i.s', 'j'),
      fc.constantFrom('data.s', 'data.t', "'2024-01-01T00:00:00Z'", "'1h'"),
      of((left, right) => `(${left} + ${right})`, text, text),
      of((of, name) => `${of}.${name}()`, text, fc.constantFrom('lowerAscii', 'upperAscii', 'trim')),
      of((of, name) => `bytes(${of}).${name}()`, text, fc.constantFrom('hex', 'base64', 'string')),
      of((of, separator) => `${of}.join(${separator})`, list, text),
      of((of, from) => `${of}.substring(${from})`, text, number),
      of((name, value) => `cel.bind(${name}, ${value}, (${name} + ${name}) + (${name} + ${name}))`, variable, text),
    ),
    number: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('0', '1', '1.5', 'i', 'i.a', 'data.a', '9223372036854775807', 'data.items[0]'),
      of((left, op, right) => `(${left} ${op} ${right})`, number, fc.constantFrom('+', '*', '-', '/', '%'), number),
      of((of) => `size(${of})`, any),
      of((of, name, sought) => `${of}.${name}(${sought})`, text, fc.constantFrom('indexOf', 'lastIndexOf'), text),
      of((of, to) => `${to}(${of})`, text, fc.constantFrom('int', 'double')),
      of((of, zone) => `timestamp(${of}).getHours(${zone})`, text, text),
      of((of) => `timestamp(${of}).getDayOfYear()`, text),
    ),
    list: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('data.items', 'data.other', 'data.items', 'data.m', 'data', 'event', '[1, 2, 3]', 'i', 'j.items'),
      of((left, right) => `(${left} + ${right})`, list, list),
      of((of, separator) => `${of}.split(${separator})`, text, text),
      of((one, two) => `[${one}, ${two}]`, number, number),
      of((value) => `[dyn(${value})]`, any),
      loop(['filter'], bool),
      loop(['map'], any),
    ),
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('i', 'j', 'k', 'data', 'event', 'null', 'data.m', "{'a': 1}", 'data.items[1]'),
      number,
      text,
      list,
      bool,
      of((of) => `bytes(${of})`, text),
      of((of) => `bytes(${of}).json()`, text),
    ),
  };
});

/** Loops around it declare the variables that it may read. */
const expression = fc
  .tuple(grammar.bool, fc.constantFrom('data.items', 'data.other', 'event', 'data.m'))
  .map(([bool, range]) => {
    const free = VARIABLES.filter((name) => new RegExp(`\\b${name}\\b`).test(bool));
    const [outer, ...others] = free;
    if (outer === undefined) return bool;
    const inner = others.reduce((made, name) => `cel.bind(${name}, ${range}, ${made})`, bool);
    return `${range}.exists(${outer}, ${inner})`;
  });

export interface CelFuzz {
  readonly judged: number;
  readonly refused: number;
  /** The CPU time of the longest evaluation, in milliseconds. */
  readonly longest: number;
  readonly by: string;
}

/**
 * Judges hostile records by `count` expressions that are taken; the same ones for the same seed. What takes less than
 * `enough` milliseconds by the clock isn't measured further.
 */
export function fuzzCel(count: number, seed: number, enough: number): CelFuzz {
  let judged = 0;
  let refused = 0;
  let longest = 0;
  let by = '';
  for (let round = 0; judged < count; round += 1) {
    for (const one of fc.sample(expression, { numRuns: 100, seed: seed + round })) {
      const judge = judgeOf(one);
      if (judge === undefined) {
        refused += 1;
        continue;
      }
      // Two records each, other ones for the next expression.
      for (let turn = 0; turn < 2; turn += 1) {
        const record = HOSTILE_RECORDS[(judged * 2 + turn) % HOSTILE_RECORDS.length];
        if (record === undefined) continue;
        const took = cpuTimeOf(() => judge(record), Math.max(longest, enough));
        if (took <= longest) continue;
        longest = took;
        by = `${one} on ${record.name}`;
      }
      judged += 1;
      if (judged === count) break;
    }
  }
  return { judged, refused, longest, by };
}
