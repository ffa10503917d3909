/** Properties whose names are special, or differ too little for headers: none is lost in silence. */
import { expect } from 'chai';
import fc from 'fast-check';
import { cloudEventAttributes } from '../../../dispatcher/cloud-event.ts';
import { createEnvelope } from '../../../dispatcher/envelope.ts';
import { createRecordFilter } from '../../../dispatcher/record-filter.ts';
import type { SourceRecord } from '../../../dispatcher/sources/source.ts';
import { headersIn } from '../../support/headers.ts';
import { aRecord, aTrigger } from '../../support/records.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** The headers of attributes given as JSON, which can have any name; and what was skipped. */
function sent(json: string, fields: Partial<SourceRecord> = {}, contentType?: string) {
  const skipped: string[] = [];
  const trigger = aTrigger('http://a/', { function: { url: 'http://a/', ...(contentType && { contentType }) } });
  const envelope = createEnvelope(trigger, undefined, { onSkipped: (name) => skipped.push(name) });
  return { headers: headersIn(envelope(aRecord({ ...fields, attributes: JSON.parse(json) }))), skipped };
}

describe('names of properties', () => {
  for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'length', 'event-id', 'Content-Type']) {
    it(`may be ${name}`, () => {
      const { headers, skipped } = sent(`{"${name}":"v","ce-a":"b"}`);
      expect(headers).to.include({ [`pulsar-property-${name.toLowerCase()}`]: 'v', 'ce-a': 'b' });
      expect(headers).to.include({ 'event-id': aRecord().id, 'content-type': 'application/json' });
      expect(headers).not.to.have.property('event-truncated');
      expect(skipped).to.deep.equal([]);
    });
  }

  it('of extensions may be those of every object', () => {
    const { headers } = sent('{"ce-constructor":"c","ce-tostring":"t","ce-__proto__":"p"}');
    expect(headers).to.include({ 'ce-constructor': 'c', 'ce-tostring': 't', 'pulsar-property-ce-__proto__': 'p' });
    const filters = [{ exact: { constructor: 'c' } }];
    const filter = createRecordFilter(aTrigger('http://a/', { filters }));
    expect(filter?.(aRecord({ attributes: { 'ce-constructor': 'c' } }))).to.equal(true);
    expect(filter?.(aRecord({ attributes: { constructor: 'c' } }))).to.equal(false);
  });

  for (const names of [
    ['foo', 'Foo', 'FOO'],
    ['FOO', 'Foo', 'foo'],
    ['Foo', 'foo', 'FOO'],
  ]) {
    it(`that differ by case alone make one header, of the one in lower case, in the order ${names}`, () => {
      const { headers, skipped } = sent(JSON.stringify(Object.fromEntries(names.map((name) => [name, `of ${name}`]))));
      expect(headers).to.include({ 'pulsar-property-foo': 'of%20foo', 'event-truncated': 'true' });
      expect(skipped.sort()).to.deep.equal(['FOO', 'Foo']);
    });
  }

  it('of one CloudEvents attribute are ranked, whatever their order, and the others stay ordinary', () => {
    const spelled = ['cloudEvents:foo', 'ce_foo', 'CE-foo', 'ce-Foo', 'ce-foo'];
    for (const names of [spelled, spelled.toReversed()]) {
      const { headers, skipped } = sent(JSON.stringify(Object.fromEntries(names.map((name) => [name, name]))));
      expect(headers).to.include({ 'ce-foo': 'ce-foo', 'pulsar-property-ce_foo': 'ce_foo' });
      expect(headers).to.include({ 'pulsar-property-ce-foo': 'ce-Foo', 'event-truncated': 'true' });
      expect(skipped.sort()).to.deep.equal(['CE-foo', 'cloudEvents:foo']);
      const attributes = Object.fromEntries(names.map((name) => [name, name]));
      expect(cloudEventAttributes(aRecord({ attributes }), { ceType: 't' }).foo).to.equal('ce-foo');
    }
  });

  it('take no attribute from a valid one when they are invalid as such', () => {
    const { headers } = sent('{"ce-time":"yesterday","ce_time":"2020-01-01T00:00:00Z","ce-type":"","CE_Type":"t"}');
    expect(headers).to.include({ 'ce-time': '2020-01-01T00:00:00Z', 'pulsar-property-ce-time': 'yesterday' });
    expect(headers).to.include({ 'ce-type': 't', 'pulsar-property-ce-type': '' });
  });

  it('that differ from the trace by case alone are ordinary', () => {
    const { headers, skipped } = sent(
      JSON.stringify({ Traceparent: 'x', traceparent: TRACEPARENT, TraceState: 'a=b' }),
    );
    expect(headers).to.include({ traceparent: TRACEPARENT, 'pulsar-property-traceparent': 'x' });
    expect(headers).to.include({ 'pulsar-property-tracestate': 'a=b' });
    expect(skipped).to.deep.equal([]);
  });

  it('that no header can have are counted, and the function is told', () => {
    const { headers, skipped } = sent('{"":"1","a b":"2","x\\u0000y":"3","cloudEvents:a_b":"4"}');
    expect(headers).to.include({ 'event-truncated': 'true' });
    expect(skipped).to.deep.equal(['', 'a b', 'x\0y', 'cloudEvents:a_b']);
  });

  it('are all sent, told of or counted, and never sent twice', () => {
    const name = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'aAbB_-') }),
      fc.constantFrom('ce-a', 'ce_a', 'cloudEvents:a', 'CE-A', 'ce-type', 'ce_Type', '__proto__', 'constructor'),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 12 }), (names) => {
        const json = `{${names.map((each) => `${JSON.stringify(each)}:${JSON.stringify(`v ${each}`)}`)}}`;
        const { headers, skipped } = sent(json);
        const values = Object.values(headers).filter((value) => value.startsWith('v%20'));
        const told = [...values.map((value) => decodeURIComponent(value).slice(2)), ...skipped];
        expect(told.sort()).to.deep.equal([...names].sort());
        expect(headers['event-truncated']).to.equal(skipped.length > 0 ? 'true' : undefined);
      }),
    );
  });
});

describe("a producer's datacontenttype that isn't that of the payload", () => {
  const text = { payload: Buffer.from('no JSON') };

  for (const [why, json, fields, fixed] of [
    ['says JSON of what is none', '{"ce-datacontenttype":"application/json"}', text, undefined],
    ['is not the one of the trigger', '{"ce-datacontenttype":"text/plain"}', {}, 'text/csv'],
    ['is longer than 1 KiB', `{"ce-datacontenttype":"text/${'x'.repeat(1100)}"}`, text, undefined],
  ] as const) {
    it(`stays an ordinary property when it ${why}`, () => {
      const { headers } = sent(json, fields, fixed);
      const [own] = Object.values(JSON.parse(json));
      expect(headers).to.include({ 'pulsar-property-ce-datacontenttype': own });
      expect(headers['content-type']).not.to.equal(own);
    });
  }

  it('is counted when no header can have its name', () => {
    expect(sent('{"cloudEvents:datacontenttype":"application/json"}', text).skipped).to.have.length(1);
  });

  it('is none for a filter either', () => {
    const attributes = { 'ce-datacontenttype': 'application/json' };
    expect(cloudEventAttributes(aRecord({ attributes, ...text }), { ceType: 't' })).not.to.have.property(
      'datacontenttype',
    );
    expect(cloudEventAttributes(aRecord({ attributes }), { ceType: 't' })).to.include({
      datacontenttype: 'application/json',
    });
  });
});
