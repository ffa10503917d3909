import { expect } from 'chai';
import { CelBudget, celMistake, compileCel } from '../../../api/cel.ts';

/** The message without the expression that it repeats. */
const messageOf = (expression: string) => celMistake(expression)?.message.replace(/^is ".*", /s, '');

describe('celMistake', () => {
  const notWritten = "whose pattern isn't written out as one text";
  const refused: readonly (readonly [what: string, expression: string, message: string])[] = [
    ['a pattern of the data', 'event.subject.matches(data.p)', `${notWritten} (character 23)`],
    ['a pattern of a list', 'data.s.matches(data.p[0])', `${notWritten} (character 16)`],
    ['a pattern that a condition chooses', "data.s.matches(true ? 'a' : 'b')", `${notWritten} (character 16)`],
    ['a pattern put together', "data.s.matches('a' + 'b')", `${notWritten} (character 16)`],
    ['a pattern converted', "data.s.matches(string('a'))", `${notWritten} (character 16)`],
    ['a pattern bound to a name', "cel.bind(p, 'a', data.s.matches(p))", `${notWritten} (character 33)`],
    ['a pattern of a loop', "['a'].exists(p, data.s.matches(p))", `${notWritten} (character 32)`],
    ['a pattern of the data on dyn()', 'dyn(event.id).matches(dyn(data.p))', `${notWritten} (character 23)`],
    [
      'matches as a function',
      "matches(event.subject, '^(a+)+$')",
      "which doesn't compile: found no matching overload for 'matches(string, string)' (character 1)",
    ],
    [
      'a back-reference',
      "event.type == 'a' ||\n  data.s.matches(r'(a)\\1')",
      "whose pattern isn't one that RE2 accepts: invalid escape sequence: `\\1` (line 2, character 18)",
    ],
    [
      'a look-ahead',
      "data.s.matches('(?=a)')",
      "whose pattern isn't one that RE2 accepts: invalid or unsupported Perl syntax: `(?=` (character 16)",
    ],
    [
      'a look-behind in a loop',
      "data.l.exists(i, i.matches('(?<!a)b'))",
      "whose pattern isn't one that RE2 accepts: invalid named capture: `(?<!a)b` (character 28)",
    ],
    [
      'a pattern that grows when compiled',
      "data.s.matches('(?:abcdefghij){900}')",
      'whose pattern needs more than 1000 instructions (character 16)',
    ],
    [
      'many patterns that are too large together',
      "data.s.matches('a{600}') || data.s.matches('b{600}')",
      'whose pattern needs more than 398 instructions (character 44)',
    ],
    [
      'a script, whose table takes long to make',
      "data.s.matches(r'\\p{Greek}')",
      'whose pattern has a class of characters that is not a general category such as \\p{L} or \\p{Lu} (character 16)',
    ],
    [
      'a range that takes long to fold',
      "data.s.matches(r'(?i)[\\x{100}-\\x{1e900}]')",
      'whose pattern has a range beyond ASCII while it ignores case (character 16)',
    ],
    [
      'three loops over the data',
      'data.a.all(x, data.b.exists(y, data.c.exists(z, x == z)))',
      'whose loops over data multiply, 3 within one another (character 32)',
    ],
    [
      'three loops of other macros',
      'data.a.map(x, data.b.filter(y, data.c.exists_one(z, z == y))).size() > 1',
      'whose loops over data multiply, 3 within one another (character 32)',
    ],
    [
      'three loops, two of them over one element',
      'data.a.all(x, data.b.exists(y, x.c.exists(z, z == y)))',
      'whose loops over data multiply, 3 within one another (character 32)',
    ],
    [
      'three loops over names that hide one another',
      'data.a.all(x, cel.bind(x, data.b, x.all(y, cel.bind(y, data.c, y.all(z, z == 1)))))',
      'whose loops over data multiply, 3 within one another (character 64)',
    ],
    [
      'loops over written lists',
      `${'[1,2,3,4,5,6,7,8,9].all(a, '.repeat(5)}a > 0${')'.repeat(5)}`,
      'whose loops over written lists take 78732 steps, more than 15000 (character 82)',
    ],
    [
      'an integer of more than 64 bits',
      'data.x == 9223372036854775808',
      'which has an integer of more than 64 bits (character 11)',
    ],
    ['a negative one', 'data.x == -9223372036854775809', 'which has an integer of more than 64 bits (character 12)'],
    ['powers of one', `${'9'.repeat(40)} * 2 > 1`, 'which has an integer of more than 64 bits (character 1)'],
    ['half an expression', 'event.type ==', "which doesn't compile: Unexpected token: EOF (character 14)"],
    ['a name that is not known', "record.type == 'a'", "which doesn't compile: Unknown variable: record (character 1)"],
  ];
  for (const [what, expression, message] of refused) {
    it(`refuses ${what}, and says where`, () => {
      expect(messageOf(expression)).to.equal(message);
      expect(celMistake(expression)?.cure).to.match(/^Write|^Nest/);
      expect(() => compileCel(expression)).to.throw('compiling CEL');
    });
  }

  for (const read of [
    'event.constructor',
    'data.a[0]. constructor',
    "data['constructor']",
    "event[ r'constructor' ]",
  ]) {
    it(`refuses to read a name that expressions never see: ${read}`, () => {
      expect(messageOf(`has(event.x) && ${read} == 'x'`)).to.include('reads the name constructor');
      expect(messageOf("event.type == 'constructor'")).to.equal(undefined);
    });
  }

  const taken: readonly (readonly [what: string, expression: string])[] = [
    ['patterns on attributes and data', "event.subject.matches('^(a+)+$') && data.s.matches(r'^\\p{L}+\\d{1,64}$')"],
    ['loops over what is within an element', 'data.a.all(x, x.b.all(y, y.c.filter(z, z > 1.0).all(q, q < 5.0)))'],
    ['two loops over the data', 'data.a.all(x, data.b.exists(y, x == y))'],
    ['three loops beside one another', 'data.a.all(x, x) && data.b.all(x, x) && data.c.all(x, x)'],
    ['the least integer', 'data.x == -9223372036854775808'],
    ['a function named matches as a field', 'data.matches == 1.0'],
  ];
  for (const [what, expression] of taken) {
    it(`takes ${what}`, () => {
      expect(celMistake(expression)).to.equal(undefined);
    });
  }
});

describe('compileCel', () => {
  const record = { event: { subject: 'orders/7' }, data: { items: [1, 2, 3], s: 'aXb' } };
  const evaluate = (expression: string, budget = new CelBudget()) => compileCel(expression)(record, budget);

  for (const [expression, value] of [
    ["event.subject.matches(r'^orders/\\d$')", true],
    ["event.subject.matches('rders')", true],
    ["event.subject.matches('^rders')", false],
    ["data.s.matches('(?i)x')", true],
    ["data.s.matches('(?i)^AXB$')", true],
    ["data.items.exists(i, string(i).matches('^3$'))", true],
    ["data.items.matches('3')", undefined],
    ["data.missing.matches('3')", undefined],
    ['1 in data.items', true],
    ["'1' in data.items", false],
    ['data.items == [1, 2, 3]', true],
    ['data.items.exists(i, i.x == 1 || i == 2.0)', true],
    ['data.items.all(i, i < 3.0 || i.x)', undefined],
    ['data.missing == 1 || true', true],
  ] as const) {
    it(`${expression} gives ${value}`, () => {
      expect(evaluate(expression)).to.equal(value);
    });
  }

  it('spends the same on the same record each time, however often it was evaluated before', () => {
    const condition = compileCel(
      "data.items.exists(i, string(i).matches('(a+)+b')) || data.items.map(i, i).size() == 1",
    );
    const stepsOf = () => {
      for (let steps = 1; steps < 1000; steps += 1) {
        const budget = new CelBudget(steps);
        if (condition(record, budget) === false && !budget.isSpent) return steps;
      }
      return undefined;
    };
    const steps = stepsOf();
    expect(steps).to.be.within(30, 500);
    for (let round = 0; round < 100; round += 1) condition(record, new CelBudget());
    expect(stepsOf()).to.equal(steps);
  });

  it('cannot be overlooked by || and exists when the budget is spent', () => {
    for (const expression of [
      'data.items.exists(i, data.items.all(j, true)) || true',
      'data.items.all(i, true) || true',
    ]) {
      const budget = new CelBudget(10);
      expect(evaluate(expression, budget)).to.equal(undefined);
      expect(budget.isSpent).to.equal(true);
      expect(evaluate('true', budget)).to.equal(undefined);
    }
  });

  it('leaves the depth of stacks as it was', () => {
    const before = Error.stackTraceLimit;
    evaluate('data.missing == 1');
    expect(Error.stackTraceLimit).to.equal(before);
  });
});
