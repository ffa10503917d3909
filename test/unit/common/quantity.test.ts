import { expect } from 'chai';
import { parseQuantity } from '../../../common/quantity.ts';

describe('parseQuantity', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['64Mi', 67_108_864],
    ['10Ki', 10_240],
    ['9Gi', 9_663_676_416],
    ['9Ki', undefined],
    ['10Gi', undefined],
    ['64', undefined],
    ['64MB', undefined],
    ['064Mi', undefined],
    ['', undefined],
  ];
  for (const [text, bytes] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(parseQuantity(text)).to.equal(bytes);
    });
  }
});
