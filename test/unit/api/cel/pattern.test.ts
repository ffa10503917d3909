import { RE2JS } from '@bufbuild/re2';
import { expect } from 'chai';
import fc from 'fast-check';
import { compilePattern } from '../../../../api/cel/pattern.ts';

const free = () => {};

/** The steps of a search through `text`. */
function stepsOf(pattern: string, text: string): number {
  let sum = 0;
  compilePattern(pattern).test(text, (steps) => {
    sum += steps;
  });
  return sum;
}

describe('compilePattern', () => {
  /** Patterns that mean the same in JavaScript and RE2. */
  const atom = fc.constantFrom(
    'a',
    'b',
    'é',
    '💚',
    '.',
    '[ab]',
    '[^a]',
    String.raw`\d`,
    String.raw`\b`,
    '^',
    '$',
    'a\n',
  );
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => `${left}${right}`),
      fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => `(?:${left}|${right})`),
      fc
        .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '*?', '+?'))
        .map(([inner, times]) => `(${inner})${times}`),
    ),
  }));
  const text = fc
    .array(fc.constantFrom('a', 'b', 'é', '💚', '1', ' ', '\n'), { maxLength: 12 })
    .map((all) => all.join(''));

  it('finds what RE2 and JavaScript find', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 8 }), (source, texts) => {
        const compiled = compilePattern(source);
        const library = RE2JS.compile(source);
        const script = new RegExp(source, 'u');
        for (const one of texts) {
          const found = compiled.test(one, free);
          expect(found, `${source} in ${JSON.stringify(one)}`)
            .to.equal(library.test(one))
            .and.equal(script.test(one));
        }
      }),
      { numRuns: 400 },
    );
  });

  for (const [pattern, text, found] of [
    ['(?i)straße', 'STRASSE straßE', true],
    ['(?i)σ', 'ς', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['^b$', 'a\nb\nc', false],
    ['(?s)a.b', 'a\nb', true],
    [String.raw`\Ba\B`, 'bab', true],
    [String.raw`^\p{Lu}\p{L}*$`, 'Äpfel', true],
    [String.raw`\A(?:a|b)\z`, 'b', true],
    ['', '', true],
    ['(?:)*', 'x', true],
    ['[^\\x00-\\x{10FFFF}]', 'x', false],
    ['\ud83d', '\ud83dx', true],
  ] as const) {
    it(`${pattern} is ${found ? '' : 'not '}in ${JSON.stringify(text)}`, () => {
      expect(compilePattern(pattern).test(text, free)).to.equal(found);
    });
  }

  // Each is exponential or polynomial where a matcher goes back, or makes an automaton of very many states.
  for (const [pattern, unit] of [
    ['^(a+)+$', 'a'],
    ['(x+x+)+y', 'x'],
    ['(a|aa)+$', 'a'],
    ['(.*a){12}b', 'a'],
    ['a[ab]{60}[cd]$', 'abaab'],
    ['(?:a?[ab]){100}[cd]$', 'ab'],
    ['^(é+)+$', 'é'],
  ] as const) {
    it(`spends in proportion to the text for ${pattern}`, () => {
      const text = unit.repeat(2000 / unit.length);
      const once = stepsOf(pattern, `${text}!`);
      expect(stepsOf(pattern, `${text.repeat(10)}!`)).to.be.within(5 * once, 12 * once);
      expect(once).to.be.below(2000 * compilePattern(pattern).instructions);
    });
  }

  it('spends nothing worth naming where the beginning decides', () => {
    expect(stepsOf('^b+$', 'a'.repeat(100_000))).to.be.below(10);
  });

  it('is stopped by what it calls, and works on afterwards', () => {
    const compiled = compilePattern('(a+)+b');
    const stop = () => {
      throw new Error('enough');
    };
    expect(() => compiled.test('a'.repeat(10_000), stop)).to.throw('enough');
    expect(compiled.test('aab', free)).to.equal(true);
    expect(compiled.test('ba', free)).to.equal(false);
  });
});
