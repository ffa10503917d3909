import { expect } from 'chai';
import fc from 'fast-check';
import { isJsonText } from '../../../dispatcher/json-text.ts';

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function agrees(text: string): void {
  expect(isJsonText(Buffer.from(text)), JSON.stringify(text)).to.equal(isParsed(text));
}

describe('isJsonText', () => {
  for (const text of [
    ...[
      '',
      ' ',
      '{}',
      '[]',
      ' \t\r\n{ } ',
      '[ ]x',
      '[]]',
      '[[]',
      '{"a":}',
      '{"a" : 1 , "b":[1,2,{"c":null}]}',
      '{a:1}',
    ],
    ...['{"a":1,}', '[1,]', '[,1]', '[1 2]', '{"a" 1}', '{"a":1 "b":2}', '{"a":1]', '[1}', '{1:2}', '{,}', '{"a"}'],
    ...[
      '0',
      '-0',
      '00',
      '01',
      '-',
      '1.',
      '.5',
      '1.5',
      '1e5',
      '1E+5',
      '1e-5',
      '1e',
      '1e+',
      '-1.5e10',
      '+1',
      '1a',
      '1 1',
    ],
    ...['true', 'false', 'null', 'tru', 'truer', 'nul', 'NaN', 'Infinity', 'undefined', 'True'],
    ...['""', '"', '"a', '"a"b', '"\\n\\"\\\\\\/\\b\\f\\r\\t"', '"\\x"', '"\\u00e9"', '"\\u00g9"', '"\\u12"', '"\\'],
    ...['"\n"', '"\u007f"', '"é😀"', '\ufeff{}', "'a'", '\u00a01', '"\\ud800"', '\v1'],
  ]) {
    it(`agrees with JSON.parse on ${JSON.stringify(text)}`, () => {
      agrees(text);
    });
  }

  it('takes every JSON text', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
        agrees(text);
        agrees(JSON.stringify(JSON.parse(text), undefined, indent));
      }),
    );
  });

  it('agrees with JSON.parse on texts with a character changed, added or left out', () => {
    const character = fc.constantFrom(...'{}[]",:\\u09.eE+-tfn \n\u0001é');
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat(1), character, (text, index, remove, insert) => {
        const at = index % (text.length + 1);
        agrees(text.slice(0, at) + insert + text.slice(at + remove));
        agrees(text.slice(0, at) + text.slice(at + 1));
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with JSON.parse on any short text of JSON characters', () => {
    const text = fc.string({ unit: fc.constantFrom(...'{}[]",:\\u10.e-tfn '), maxLength: 8 });
    fc.assert(fc.property(text, agrees), { numRuns: 5000 });
  });

  it('takes nesting of any depth', () => {
    for (const depth of [1023, 1024, 1025, 100_000]) {
      agrees('['.repeat(depth) + ']'.repeat(depth));
      agrees('['.repeat(depth) + ']'.repeat(depth - 1));
      agrees('{"a":'.repeat(depth));
    }
  });
});
