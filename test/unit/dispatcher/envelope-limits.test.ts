/** How many header fields a record becomes, and how long they are. */
import { expect } from 'chai';
import fc from 'fast-check';
import { createEnvelope } from '../../../dispatcher/envelope.ts';
import type { SourceRecord } from '../../../dispatcher/sources/source.ts';
import { headersIn } from '../../support/headers.ts';
import { aRecord, aTrigger } from '../../support/records.ts';

const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=1, b="2"' };
const PROMISED = [
  ...['content-type', 'event-type', 'event-namespace', 'event-name', 'event-id', 'event-time'],
  ...['ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-time'],
];
/** In a record of `aRecord` with a key: those above, `ce-subject` and `ce-partitionkey`. */
const OURS = PROMISED.length + 2;
/** Host, Connection, Content-Length, Authorization and the five of a dead letter. */
const ADDED = 9;

const headersOf = (fields: Partial<SourceRecord>, url = 'http://orders.shop:8080/') =>
  headersIn(createEnvelope(aTrigger(url))(aRecord({ key: 'k', ...fields })));
const numbered = (count: number, name: (index: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), String(index)]));
const count = (headers: object, prefix: string) =>
  Object.keys(headers).filter((name) => name.startsWith(prefix)).length;

describe('envelope limits', () => {
  it('sends 64 properties, and says nothing', () => {
    const headers = headersOf({ attributes: numbered(64, (index) => `p${index}`) });
    expect(count(headers, 'pulsar-property-')).to.equal(64);
    expect(headers).not.to.have.property('event-truncated');
  });

  it('sends the first 64 of 110 small properties, so that servers with a limit of 100 fields take them', () => {
    const headers = headersOf({ attributes: numbered(110, (index) => `p${index}`) });
    expect(count(headers, 'pulsar-property-')).to.equal(64);
    expect(headers).to.include({ 'pulsar-property-p63': '63', 'event-truncated': 'true', 'ce-partitionkey': 'k' });
    expect(headers).not.to.have.property('pulsar-property-p64');
    expect(Object.keys(headers).length)
      .to.equal(OURS + 65)
      .and.to.be.below(96 - ADDED);
  });

  it('limits extensions as well', () => {
    const headers = headersOf({ attributes: numbered(110, (index) => `ce-x${index}`) });
    expect(count(headers, 'ce-x')).to.equal(64);
    expect(headers).to.include({ 'event-truncated': 'true' });
  });

  it('keeps the trace before extensions, and those before properties', () => {
    const attributes = {
      ...numbered(60, (index) => `p${index}`),
      ...numbered(60, (index) => `ce-x${index}`),
      ...TRACE,
    };
    const headers = headersOf({ attributes });
    expect(headers).to.include({ ...TRACE, 'event-truncated': 'true' });
    expect([count(headers, 'ce-x'), count(headers, 'pulsar-property-')]).to.deep.equal([60, 2]);
  });

  it('counts attributes that stand in the place of a header of ours', () => {
    const own = { 'ce-id': 'i', 'ce-source': 's', 'ce-type': 't', 'ce-subject': 'u', 'ce-partitionkey': 'p' };
    const headers = headersOf({ attributes: { ...own, ...numbered(64, (index) => `p${index}`) } });
    expect(headers).to.include({ 'ce-id': 'i', 'ce-source': 's', 'ce-type': 't', 'ce-subject': 'u' });
    expect(count(headers, 'pulsar-property-')).to.equal(59);
  });

  it('sends ours where the own attributes leave no room for the rest', () => {
    const own = (letter: string) => letter.repeat(1024);
    const attributes = { 'ce-id': own('i'), 'ce-source': own('s'), 'ce-type': own('t'), 'ce-subject': 'u' };
    const headers = headersOf({ attributes }, `http://orders.shop:8080/${'p'.repeat(2000)}`);
    expect(headers).to.include({
      'ce-id': own('i'),
      'ce-type': 'io.kubeless.pulsar.message',
      'event-truncated': 'true',
    });
    expect(headers).to.include.keys(PROMISED);
    expect(bytesOf(headers)).to.be.below(8192 - 2 * 2000);
  });

  it('skips names that are longer than servers take, and counts them', () => {
    const skipped: string[] = [];
    const long = 'n'.repeat(201);
    const fits = 'n'.repeat(200);
    const attributes = { [long]: '1', [fits]: '2', [`ce-${'e'.repeat(1000)}`]: '3' };
    const options = { onSkipped: (name: string) => skipped.push(name) };
    const headers = headersIn(createEnvelope(aTrigger('http://a/'), undefined, options)(aRecord({ attributes })));
    expect(headers).to.include({ [`pulsar-property-${fits}`]: '2', 'event-truncated': 'true' });
    expect(skipped).to.deep.equal([long, `ce-${'e'.repeat(1000)}`]);
  });

  it('holds for any attributes', () => {
    const name = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'aA0-_. \0'), maxLength: 3 }),
      fc.string({ unit: fc.constantFrom(...'abAB'), minLength: 1, maxLength: 2 }).map((rest) => `ce-${rest}`),
      fc.constantFrom(
        'ce-id',
        'CE-ID',
        'ce_source',
        'cloudEvents:type',
        'ce-time',
        'ce-datacontenttype',
        'ce-dataschema',
      ),
      fc.constantFrom('traceparent', 'Traceparent', 'tracestate', '__proto__', 'constructor', 'toString', 'event-id'),
      fc.string({ unit: 'binary' }),
    );
    const value = fc.oneof(
      fc.constantFrom('', TRACE.traceparent, TRACE.tracestate, 'application/json', 'text/plain', 'a:%20b', 'é', '1.0'),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 1, max: 3000 }).map((length) => 'x'.repeat(length)),
    );
    const entries = fc.array(fc.tuple(name, value), { maxLength: 150, size: 'max' });
    fc.assert(
      fc.property(entries, fc.double(), fc.boolean(), (pairs, time, isPlain) => {
        const attributes: Record<string, string> = isPlain ? {} : Object.create(null);
        for (const [key, text] of pairs) {
          Object.defineProperty(attributes, key, { value: text, enumerable: true, configurable: true, writable: true });
        }
        const headers = headersOf({ attributes, time });
        expect(headers).to.include.keys(PROMISED);
        expect(bytesOf(headers)).to.be.below(8192 - 'POST / HTTP/1.1\r\nHost: orders.shop:8080\r\n'.length);
        const names = Object.keys(headers);
        expect(names.filter((each) => !/^[!#$%&'*+\-.^_`|~\w]{1,256}$/.test(each))).to.deep.equal([]);
        const fixed = [...PROMISED, 'ce-subject', 'ce-partitionkey', 'event-truncated'];
        expect(names.filter((each) => !fixed.includes(each)).length).to.be.at.most(64);
        expect(Object.values(headers).filter((each) => !/^[\x20-\x7e]*$/.test(each))).to.deep.equal([]);
      }),
      { numRuns: 200 },
    );
  });
});

function bytesOf(headers: Record<string, string>): number {
  return Object.entries(headers).reduce((bytes, [name, value]) => bytes + `${name}: ${value}\r\n`.length, 0);
}
