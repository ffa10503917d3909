import { expect } from 'chai';
import fc from 'fast-check';
import { isRfc3339, parseRfc3339 } from '../../../common/rfc3339.ts';

describe('RFC 3339', () => {
  for (const text of [
    '2020-02-29T00:00:00Z',
    '2000-02-29T23:59:59.999999999+23:59',
    '0000-02-29t00:00:00z',
    '9999-12-31T23:59:59-00:00',
  ]) {
    it(`takes ${text}`, () => expect(isRfc3339(text)).to.equal(true));
  }

  for (const text of [
    '2021-02-29T00:00:00Z',
    '2021-02-30T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2021-04-31T00:00:00Z',
    '2021-13-01T00:00:00Z',
    '2021-00-01T00:00:00Z',
    '2021-01-00T00:00:00Z',
    '2021-01-32T00:00:00Z',
    '2021-01-01T24:00:00Z',
    '2021-01-01T23:60:00Z',
    '2021-06-30T23:59:60Z',
    '2021-01-01T00:00:00+24:00',
    '2021-01-01T00:00:00+00:60',
    '2021-01-01T00:00:00+0100',
    '2021-01-01T00:00:00',
    '2021-01-01 00:00:00Z',
    '2021-01-01T00:00:00.Z',
    '2021-01-01',
    '+12021-01-01T00:00:00Z',
    '-0001-01-01T00:00:00Z',
    '2021-01-01T00:00:00Z\n',
    '',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(isRfc3339(text)).to.equal(false);
      expect(parseRfc3339(text)).to.be.NaN;
    });
  }

  it('reads what Date prints, within four digits of a year', () => {
    const date = fc.date({
      min: new Date('0000-01-01'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(fc.property(date, (given) => parseRfc3339(given.toISOString()) === given.getTime()));
  });
});
