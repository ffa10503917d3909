import { expect } from 'chai';
import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import type { EnvelopeProfile } from '../../../api/kinds/index.ts';
import { cloudEventAttributes } from '../../../dispatcher/cloud-event.ts';
import { contentTypeOf } from '../../../dispatcher/content-type.ts';
import { createEnvelope } from '../../../dispatcher/envelope.ts';
import { printEventTime } from '../../../dispatcher/event-time.ts';
import { encodeHeaderValue } from '../../../dispatcher/header-value.ts';
import type { SourceRecord } from '../../../dispatcher/sources/source.ts';
import { headersIn } from '../../support/headers.ts';
import { aRecord, aTrigger } from '../../support/records.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const golike: EnvelopeProfile = {
  eventNamespace: 'kinesistriggers.kubeless.io',
  eventName: false,
  eventTime: 'go',
  json: 'object',
  attributePrefix: 'kinesis-attribute-',
  ceType: 'io.kubeless.kinesis.record',
};

const headersOf = (record: SourceRecord, profile?: EnvelopeProfile) =>
  headersIn(createEnvelope(aTrigger('http://orders.shop:8080/'), profile)(record));

describe('envelope', () => {
  it('has the headers of the original and a CloudEvent', () => {
    expect(headersOf(aRecord({ key: 'k' }))).to.deep.equal({
      'content-type': 'application/json',
      'event-type': 'application/json',
      'event-namespace': 'shop',
      'event-name': 'orders',
      'event-id': 'persistent://public/default/orders/12:345:0',
      'event-time': '2020-05-07 01:32:02+00:00',
      'ce-specversion': '1.0',
      'ce-id': 'persistent://public/default/orders/12:345:0',
      'ce-source': 'persistent://public/default/orders',
      'ce-type': 'io.kubeless.pulsar.message',
      'ce-time': '2020-05-07T01:32:02.000Z',
      'ce-subject': '12:345:0',
      'ce-partitionkey': 'k',
    });
  });

  it('says how often a record was handed over before', () => {
    expect(headersOf(aRecord())).not.to.have.property('event-redeliveries');
    expect(headersOf(aRecord({ redeliveries: 3 }))).to.include({ 'event-redeliveries': '3' });
  });

  it('follows the profile of the kind', () => {
    const headers = headersOf(aRecord({ payload: Buffer.from('[1]'), attributes: { a: '1' } }), golike);
    expect(headers).to.include({
      'event-namespace': 'kinesistriggers.kubeless.io',
      'event-type': 'application/x-www-form-urlencoded',
      'event-time': '2020-05-07 01:32:02 +0000 UTC',
      'ce-type': 'io.kubeless.kinesis.record',
      'kinesis-attribute-a': '1',
    });
    expect(headers).not.to.have.property('event-name');
  });

  it('keeps event-id when the producer has its own CloudEvents attributes', () => {
    const attributes = {
      ...{
        'ce-id': 'i 1',
        ce_source: '/my/source',
        'cloudEvents:type': 'my.type',
        'CE-Time': '2024-02-29T00:00:00+01:00',
      },
      ...{
        'ce-subject': 's',
        'ce-partitionkey': 'p',
        'ce-myext': 'e',
        'ce-datacontenttype': 'text/plain; charset=utf-8',
      },
    };
    expect(headersOf(aRecord({ key: 'k', attributes }))).to.include({
      'event-id': aRecord().id,
      'event-time': '2020-05-07 01:32:02+00:00',
      'ce-id': 'i%201',
      'ce-source': '/my/source',
      'ce-type': 'my.type',
      'ce-time': '2024-02-29T00:00:00+01:00',
      'ce-subject': 's',
      'ce-partitionkey': 'p',
      'ce-myext': 'e',
      'content-type': 'text/plain; charset=utf-8',
      'event-type': 'text/plain; charset=utf-8',
    });
  });

  for (const [name, value] of [
    ['ce-time', 'yesterday'],
    ['ce-time', '2024-13-45T99:00:00Z'],
    ['ce-time', '2021-02-30T00:00:00Z'],
    ['ce-time', '2021-02-29T00:00:00Z'],
    ['ce-time', '2021-04-31T00:00:00Z'],
    ['ce-time', '2021-04-00T00:00:00Z'],
    ['ce-time', '2021-01-01T24:00:00Z'],
    ['ce-time', '2021-06-30T23:59:60Z'],
    ['ce-time', '2021-01-01T00:00:00+24:00'],
    ['ce-specversion', '0.3'],
    ['ce-source', 'no uri'],
    ['ce-source', '%zz'],
    ['ce-source', '1a:b'],
    ['ce-id', ''],
    ['ce-dataschema', 'relative'],
    ['ce-schemaurl', 'http://a/b'],
    ['ce-data', 'x'],
    ['ce-my_ext', 'x'],
    ['ce-datacontenttype', 'application/cloudevents+json'],
    ['traceparent', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['tracestate', 'a=b'],
  ] as const) {
    it(`takes ${name}: ${JSON.stringify(value)} for an ordinary property`, () => {
      const headers = headersOf(aRecord({ attributes: { [name]: value } }));
      expect(headers).to.include({ [`pulsar-property-${name}`]: encodeHeaderValue(value), 'ce-specversion': '1.0' });
      expect(headers).to.include({ 'ce-time': '2020-05-07T01:32:02.000Z', 'ce-id': aRecord().id });
    });
  }

  it('takes over a valid traceparent, with its tracestate', () => {
    const headers = headersOf(aRecord({ attributes: { traceparent: TRACEPARENT, tracestate: 'a=b' } }));
    expect(headers).to.include({ traceparent: TRACEPARENT, tracestate: 'a=b' });
    expect(headers).not.to.have.any.keys('pulsar-property-traceparent', 'pulsar-property-tracestate');
  });

  it('does not call JSON what is not', () => {
    const attributes = { 'ce-datacontenttype': 'application/json' };
    const headers = headersOf(aRecord({ payload: Buffer.from('{'), attributes }));
    expect(headers).to.include({ 'content-type': 'application/x-www-form-urlencoded' });
  });

  it('has the content type of the trigger before all others', () => {
    const trigger = aTrigger('http://a/', { function: { url: 'http://a/', contentType: 'text/csv' } });
    const headers = createEnvelope(trigger)(aRecord({ attributes: { 'ce-datacontenttype': 'text/plain' } }));
    expect(headers.slice(0, 4)).to.deep.equal(['content-type', 'text/csv', 'event-type', 'text/csv']);
  });

  it('skips names that no header can have, and says so', () => {
    const skipped: string[] = [];
    const options = { onSkipped: (name: string) => skipped.push(name) };
    const attributes = { 'a b': '1', ä: '2', '': '3', 'x\r\ny': '4', good: '5' };
    const headers = createEnvelope(aTrigger('http://a/'), undefined, options)(aRecord({ attributes }));
    expect(skipped).to.deep.equal(['a b', 'ä', '', 'x\r\ny']);
    expect(headers.filter((name) => name.startsWith('pulsar-'))).to.deep.equal(['pulsar-property-good']);
  });

  it('makes a URI reference of any partition', () => {
    expect(headersOf(aRecord({ partition: 'my stream/shard 1' }))['ce-source']).to.equal('my%20stream/shard%201');
    expect(headersOf(aRecord({ partition: '' }))['ce-source']).to.equal('/');
  });

  it('leaves out whole headers from 8 KiB on, properties first', () => {
    const attributes = { big: 'x'.repeat(6000), small: 'y', 'ce-ext': 'z'.repeat(3000) };
    const headers = headersOf(aRecord({ key: 'k'.repeat(3000), attributes }));
    expect(headers).to.include.keys('ce-partitionkey', 'ce-ext', 'pulsar-property-small');
    expect(headers).not.to.have.property('pulsar-property-big');
    expect(headers).to.include({ 'event-truncated': 'true' });
  });

  it('is a CloudEvent of at most 8 KiB whatever the record', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('🔑\r\n', '\ud800', 'x'.repeat(20_000), '%', '', '2024-01-01T00:00:00Z'),
    );
    const name = fc.oneof(
      text,
      fc.constantFrom(
        'ce-id',
        'ce_source',
        'cloudEvents:type',
        'ce-time',
        'ce-specversion',
        'ce-dataschema',
        'traceparent',
      ),
      fc.string({ unit: fc.constantFrom(...'abcXYZ09-_.:'), maxLength: 10 }).map((rest) => `ce-${rest}`),
      fc.constantFrom('ce-datacontenttype', 'ce-datacontentencoding', 'ce-schemaurl', 'ce-data', 'ce-subject'),
    );
    const value = fc.oneof(
      text,
      fc.webUrl(),
      fc.constantFrom('application/json', 'text/plain', 'base64', '0.3', TRACEPARENT),
    );
    const record = fc.record({
      partition: fc.string({ unit: 'binary', maxLength: 100 }),
      position: fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }),
      id: fc.constant('an id'),
      key: text,
      time: fc.double(),
      payload: fc
        .oneof(
          fc.uint8Array(),
          fc.json().map((json) => new TextEncoder().encode(json)),
        )
        .map((b) => Buffer.from(b)),
      attributes: fc.dictionary(name, value, { maxKeys: 8 }),
    });
    fc.assert(
      fc.property(record, (given) => {
        const list = createEnvelope(aTrigger('http://orders.shop:8080/'))(given);
        const headers: Record<string, string> = {};
        for (let i = 0; i < list.length; i += 2) {
          headers[(list[i] ?? '').toLowerCase()] = list[i + 1] ?? '';
        }
        expect(list.join('12').length).to.be.below(8192);
        expect(list.filter((part) => /[^\x20-\x7e]/.test(part))).to.deep.equal([]);
        const isJson = headers['content-type'] === 'application/json';
        const event = HTTP.toEvent({ headers, body: isJson ? {} : given.payload.toString() });
        expect(event).to.be.instanceOf(CloudEvent);
        expect((event as CloudEvent).validate()).to.equal(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('encodeHeaderValue', () => {
  for (const [text, encoded] of [
    ['plain!#$&~', 'plain!#$&~'],
    ['a b', 'a%20b'],
    ['"%"', '%22%25%22'],
    ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
    ['\r\n\t\u007f', '%0D%0A%09%7F'],
    ['\ud800', '%EF%BF%BD'],
    ['', ''],
  ] as const) {
    it(`makes ${JSON.stringify(encoded)} of ${JSON.stringify(text)}`, () => {
      expect(encodeHeaderValue(text)).to.equal(encoded);
    });
  }

  it('is printable ASCII that decodes to the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(encodeHeaderValue(text)).to.match(/^[\x21-\x7e]*$/);
        expect(decodeURIComponent(encodeHeaderValue(text))).to.equal(text.toWellFormed());
      }),
    );
  });
});

describe('printEventTime', () => {
  const time = Date.UTC(2020, 4, 7, 1, 32, 2);
  for (const [at, form, printed] of [
    [time, 'python', '2020-05-07 01:32:02+00:00'],
    [time + 123, 'python', '2020-05-07 01:32:02.123000+00:00'],
    [time + 0.001, 'python', '2020-05-07 01:32:02.000001+00:00'],
    [time + 123.456, 'python', '2020-05-07 01:32:02.123456+00:00'],
    [time, 'go', '2020-05-07 01:32:02 +0000 UTC'],
    [time + 120, 'go', '2020-05-07 01:32:02.12 +0000 UTC'],
    [time + 123.456, 'go', '2020-05-07 01:32:02.123456 +0000 UTC'],
    [time, 'rfc3339', '2020-05-07T01:32:02.000Z'],
    [time + 123.456, 'rfc3339', '2020-05-07T01:32:02.123456Z'],
    [0, 'rfc3339', '1970-01-01T00:00:00.000Z'],
    [-1, 'python', '1969-12-31 23:59:59.999000+00:00'],
    [Number.NaN, 'python', undefined],
    [Number.POSITIVE_INFINITY, 'go', undefined],
    [8.64e15, 'rfc3339', undefined],
  ] as const) {
    it(`prints ${at} as ${form}: ${printed}`, () => {
      expect(printEventTime(at, form)).to.equal(printed);
    });
  }
});

describe('contentTypeOf', () => {
  for (const [payload, any, object] of [
    ['{"a":1}', 'application/json', 'application/json'],
    [' \n{}', 'application/json', 'application/json'],
    ['null', 'application/json', 'application/json'],
    ['[1]', 'application/json', 'application/x-www-form-urlencoded'],
    ['42', 'application/json', 'application/x-www-form-urlencoded'],
    ['"text"', 'application/json', 'application/x-www-form-urlencoded'],
    ['text', 'application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    ['{"a":1} x', 'application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    ['', 'application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    ['\u00ff', 'application/octet-stream', 'application/octet-stream'],
  ] as const) {
    it(`is ${any} for ${JSON.stringify(payload)}, and ${object} where only objects count`, () => {
      expect(contentTypeOf(Buffer.from(payload, 'latin1'), 'any')).to.equal(any);
      expect(contentTypeOf(Buffer.from(payload, 'latin1'), 'object')).to.equal(object);
    });
  }
});

describe('cloudEventAttributes', () => {
  it('has what the headers say, not encoded and without prefix', () => {
    const attributes = { 'ce-subject': 'Zürich', 'ce-ext': 'a b', other: 'x' };
    expect(cloudEventAttributes(aRecord({ key: 'k 1', attributes }), { ceType: 't' })).to.deep.equal({
      specversion: '1.0',
      id: aRecord().id,
      source: 'persistent://public/default/orders',
      type: 't',
      subject: 'Zürich',
      time: '2020-05-07T01:32:02.000Z',
      partitionkey: 'k 1',
      ext: 'a b',
    });
  });
});
