import { expect } from 'chai';
import { plainText } from '../../../../controller/status/plain-text.ts';

describe('plainText', () => {
  const TABLE: readonly (readonly [string, string, number, string])[] = [
    ['leaves short text', 'kein Schlüssel', 256, 'kein Schlüssel'],
    ['makes one line', ' a\r\n\t b\u2028c ', 256, 'a b c'],
    ['takes out what moves a cursor or hides text', 'a\u001b[31mb\u202ec\u200bd\u0000', 256, 'a [31mb c d'],
    ['cuts by bytes', 'aaaaaaaaaa', 9, 'aaaaaa…'],
    ['cuts no character in half', 'aaüüüüü', 9, 'aaüü…'],
    ['cuts no pair in half', 'a😀😀😀', 10, 'a😀…'],
  ];
  for (const [name, text, longest, expected] of TABLE) {
    it(name, () => {
      expect(plainText(text, longest)).to.equal(expected);
      expect(Buffer.byteLength(expected)).to.be.at.most(longest);
    });
  }
});
