import { expect } from 'chai';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../common/duration.ts';

describe('parseDuration', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['90s', 90_000],
    ['100ms', 100],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['0s', 0],
    ['1m1ms', 60_001],
    ['', undefined],
    ['90', undefined],
    ['-1s', undefined],
    ['1d', undefined],
    ['1 s', undefined],
    ['1s\n', undefined],
    ['.5s', undefined],
    ['1.s', undefined],
  ];
  for (const [text, milliseconds] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(parseDuration(text)).to.equal(milliseconds);
    });
  }
});

describe('formatDuration', () => {
  it('is short', () => {
    expect([0, 100, 90_000, 5_400_000, 3_600_001].map(formatDuration)).to.deep.equal([
      '0ms',
      '100ms',
      '1m30s',
      '1h30m',
      '1h1ms',
    ]);
  });

  it('is read back', () => {
    fc.assert(fc.property(fc.nat(), (milliseconds) => parseDuration(formatDuration(milliseconds)) === milliseconds));
  });
});
