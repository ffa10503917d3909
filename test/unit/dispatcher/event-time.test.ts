/** No record is without a time, whatever its source says. */
import { expect } from 'chai';
import { cloudEventAttributes } from '../../../dispatcher/cloud-event.ts';
import { createEnvelope } from '../../../dispatcher/envelope.ts';
import { headersIn } from '../../support/headers.ts';
import { aRecord, aTrigger } from '../../support/records.ts';

const NOW = Date.UTC(2024, 0, 2);

describe('time of a record', () => {
  const envelope = createEnvelope(aTrigger('http://a/'), undefined, { now: () => NOW });

  for (const time of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.7e15, 1.7e18, -1e15]) {
    it(`is the present where the source's is ${time}`, () => {
      const headers = headersIn(envelope(aRecord({ time })));
      expect(headers).to.include({ 'event-time': '2024-01-02 00:00:00+00:00', 'ce-time': '2024-01-02T00:00:00.000Z' });
      expect(cloudEventAttributes(aRecord({ time }), { ceType: 't' })).to.have.property('time');
    });
  }

  for (const [time, printed] of [
    [1_588_815_122_999.9998, '2020-05-07T01:32:03.000Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    [-62_167_219_200_000, '0000-01-01T00:00:00.000Z'],
    [253_402_300_799_999, '9999-12-31T23:59:59.999Z'],
  ] as const) {
    it(`is ${printed} where that is what the source says`, () => {
      expect(headersIn(envelope(aRecord({ time })))).to.include({ 'ce-time': printed });
    });
  }

  it("is not the producer's own where that is no time", () => {
    for (const own of ['2021-02-30T00:00:00Z', '2021-01-01T24:00:00Z', '2021-01-01T00:00:00+24:00']) {
      const attributes = { 'ce-time': own };
      expect(headersIn(envelope(aRecord({ attributes })))).to.include({
        'ce-time': '2020-05-07T01:32:02.000Z',
        'pulsar-property-ce-time': own,
      });
      expect(cloudEventAttributes(aRecord({ attributes }), { ceType: 't' }).time).to.equal('2020-05-07T01:32:02.000Z');
    }
  });
});
