/** `ce-source` and its like: URIs of which each part is encoded once, the same to a function and to a filter. */
import { expect } from 'chai';
import { type CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { cloudEventAttributes } from '../../../dispatcher/cloud-event.ts';
import { createEnvelope } from '../../../dispatcher/envelope.ts';
import { createRecordFilter } from '../../../dispatcher/record-filter.ts';
import type { SourceRecord } from '../../../dispatcher/sources/source.ts';
import { isUri, isUriReference } from '../../../dispatcher/uri-reference.ts';
import { headersIn } from '../../support/headers.ts';
import { aRecord, aTrigger } from '../../support/records.ts';

const IN_DEFAULT = 'persistent://public/default/';

const headersOf = (fields: Partial<SourceRecord>) => headersIn(createEnvelope(aTrigger('http://a/'))(aRecord(fields)));
const sourceIn = (fields: Partial<SourceRecord>) => headersOf(fields)['ce-source'] ?? '';
const sourceForFilters = (fields: Partial<SourceRecord>) =>
  cloudEventAttributes(aRecord(fields), { ceType: 't' }).source ?? '';

describe('source of an event', () => {
  for (const [partition, source] of [
    [`${IN_DEFAULT}orders`, `${IN_DEFAULT}orders`],
    [`${IN_DEFAULT}my topic`, `${IN_DEFAULT}my%20topic`],
    [`${IN_DEFAULT}my topic-partition-3`, `${IN_DEFAULT}my%20topic-partition-3`],
    [`non-${IN_DEFAULT}a[0]\\b`, `non-${IN_DEFAULT}a%5B0%5D%5Cb`],
    [`${IN_DEFAULT}café`, `${IN_DEFAULT}caf%C3%A9`],
    [`${IN_DEFAULT}🔑"\r\n`, `${IN_DEFAULT}%F0%9F%94%91%22%0D%0A`],
    [`${IN_DEFAULT}\ud800`, `${IN_DEFAULT}%EF%BF%BD`],
    [`${IN_DEFAULT}100%`, `${IN_DEFAULT}100%25`],
    [`${IN_DEFAULT}a%20b`, `${IN_DEFAULT}a%2520b`],
    [`${IN_DEFAULT}a?b#c`, `${IN_DEFAULT}a%3Fb%23c`],
    [`${IN_DEFAULT}a:b;c=d,e@f+g`, `${IN_DEFAULT}a:b;c=d,e@f+g`],
    ['persistent://my tenant/näme space/t', 'persistent://my%20tenant/n%C3%A4me%20space/t'],
    ['persistent://a:b@c/n/t', 'persistent://a%3Ab%40c/n/t'],
    ['nats://host:4222/a b', 'nats://host:4222/a%20b'],
    ['orders:3', 'orders:3'],
    ['orders:', 'orders:'],
    ['my stream:3/shard:1', 'my%20stream%3A3/shard:1'],
    ['é:1', '%C3%A9%3A1'],
    ['my stream://shard', 'my%20stream%3A//shard'],
    ['', '/'],
  ] as const) {
    it(`is ${source} for ${JSON.stringify(partition)}`, () => {
      expect(sourceIn({ partition })).to.equal(source);
      expect(sourceForFilters({ partition })).to.equal(source);
    });
  }

  it('is a URI reference that decodes to the name, whatever the name', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'aé:/?#[]@% \\😀') }),
      fc
        .tuple(fc.constantFrom('persistent://', 'a:', '//', '/'), fc.string({ unit: 'grapheme' }))
        .map(([a, b]) => a + b),
    );
    fc.assert(
      fc.property(name, (partition) => {
        const source = sourceIn({ partition });
        expect(isUriReference(source), source).to.equal(true);
        expect(decodeURIComponent(source)).to.equal(partition === '' ? '/' : partition.toWellFormed());
        expect(sourceForFilters({ partition })).to.equal(source);
      }),
    );
  });

  it('is what a parser of URLs takes, scheme and all', () => {
    const url = new URL(sourceIn({ partition: 'persistent://a:b/näme space/my [topic]?#' }));
    expect(url.protocol).to.equal('persistent:');
    expect([url.search, url.hash]).to.deep.equal(['', '']);
  });

  it('is what an SDK makes of the header, and what a filter asks for', () => {
    const record = aRecord({ partition: `${IN_DEFAULT}my café [1]` });
    const source = `${IN_DEFAULT}my%20caf%C3%A9%20%5B1%5D`;
    const headers = headersIn(createEnvelope(aTrigger('http://a/'))(record));
    expect((HTTP.toEvent({ headers, body: {} }) as CloudEvent).source).to.equal(source);
    for (const filters of [[{ exact: { source } }], [{ cel: `event.source == '${source}'` }]]) {
      expect(createRecordFilter(aTrigger('http://a/', { filters }))?.(record)).to.equal(true);
    }
    const others = [{ prefix: { source: 'persistent%3A' } }];
    expect(createRecordFilter(aTrigger('http://a/', { filters: others }))?.(record)).to.equal(false);
  });

  it("is the producer's own as it is", () => {
    const own = '/shops/z%C3%BCrich%201?q=%25';
    expect(sourceIn({ attributes: { 'ce-source': own } })).to.equal(own);
    expect(sourceForFilters({ attributes: { 'ce-source': own } })).to.equal(own);
  });

  it('stays an ordinary property where it is no URI reference', () => {
    for (const own of ['zürich', 'a b', 'a[0]', '1a:b']) {
      const headers = headersOf({ attributes: { 'ce-source': own } });
      expect(headers['ce-source']).to.equal(`${IN_DEFAULT}orders`);
      expect(decodeURIComponent(headers['pulsar-property-ce-source'] ?? '')).to.equal(own);
    }
  });
});

describe('dataschema of an event', () => {
  it('is sent as it is, with its own escapes alone', () => {
    const attributes = { 'ce-dataschema': 'https://schemas/my%20order?v=1#a' };
    expect(headersOf({ attributes })['ce-dataschema']).to.equal('https://schemas/my%20order?v=1#a');
    expect(cloudEventAttributes(aRecord({ attributes }), { ceType: 't' }).dataschema).to.equal(
      'https://schemas/my%20order?v=1#a',
    );
  });

  it('stays an ordinary property where it is no absolute URI', () => {
    expect(headersOf({ attributes: { 'ce-dataschema': 'https://schemas/my order' } })).to.include({
      'pulsar-property-ce-dataschema': 'https://schemas/my%20order',
    });
  });
});

describe('isUri', () => {
  for (const [text, uri, reference] of [
    ['a:b', true, true],
    ['a:', true, true],
    ['http://[::1]:80/a?b#c', true, true],
    ['a', false, true],
    ['./a:b', false, true],
    ['1a:b', false, false],
    ['a:%zz', false, false],
    ['a:b#c#d', false, false],
    ['a:b c', false, false],
    ['', false, false],
  ] as const) {
    it(`is ${uri} for ${JSON.stringify(text)}, which is ${reference ? 'a' : 'no'} reference`, () => {
      expect([isUri(text), isUriReference(text)]).to.deep.equal([uri, reference]);
    });
  }
});
