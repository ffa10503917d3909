import { expect } from 'chai';
import { dataOf, MOST_BYTES, MOST_LEVELS, MOST_MARKS } from '../../../dispatcher/payload-data.ts';

const read = (text: string) => dataOf(Buffer.from(text));

describe('dataOf', () => {
  for (const [what, text, data] of [
    ['an object', '{"a":[1,"x",null]}', { a: [1, 'x', null] }],
    ['a text with marks', JSON.stringify(`${'[{,:'.repeat(MOST_MARKS)}\\"`), `${'[{,:'.repeat(MOST_MARKS)}\\"`],
    ['what is not JSON', 'hello', undefined],
    ['half of it', '{"a":"', undefined],
    ['nothing', '', undefined],
    ['as many levels as may be', '['.repeat(MOST_LEVELS) + ']'.repeat(MOST_LEVELS), undefined],
    ['many levels one after the other', `[${'[],'.repeat(MOST_LEVELS)}1]`, undefined],
    ['as many values as may be', `[${'1,'.repeat(MOST_MARKS - 1)}1]`, undefined],
    ['as many bytes as may be', JSON.stringify('x'.repeat(MOST_BYTES - 2)), undefined],
  ] as const) {
    it(`reads ${what}`, () => {
      if (data === undefined) expect(() => read(text)).not.to.throw();
      else expect(read(text)).to.deep.equal(data);
    });
  }

  it('gives nothing for what is not UTF-8, which is no JSON either', () => {
    expect(dataOf(Buffer.from('{"a":"\xe9"}', 'latin1'))).to.equal(undefined);
  });

  it('gives nothing for what is not JSON', () => {
    for (const text of ['hello', '{"a":"', '']) expect(read(text)).to.equal(undefined);
  });

  for (const [what, text] of [
    ['too many bytes', JSON.stringify('x'.repeat(MOST_BYTES))],
    ['too many levels', '['.repeat(MOST_LEVELS + 1) + ']'.repeat(MOST_LEVELS + 1)],
    ['too many levels of objects', `${'{"a":'.repeat(MOST_LEVELS + 1)}1${'}'.repeat(MOST_LEVELS + 1)}`],
    ['too many values', `[${'1,'.repeat(MOST_MARKS)}1]`],
    ['too many empty objects', `[${'{},'.repeat(MOST_MARKS / 2)}1]`],
    ['too many names', `{${Array.from({ length: MOST_MARKS / 3 + 1 }, (_, at) => `"${at}":1`).join(',')}}`],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => read(text)).to.throw(RangeError, 'the payload');
    });
  }
});
