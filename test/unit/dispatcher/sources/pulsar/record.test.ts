/** What a message becomes that has odd times or properties, over either driver. */
import { expect } from 'chai';
import type { NativeMessage } from '../../../../../dispatcher/sources/pulsar/native-client.ts';
import { propertiesOf } from '../../../../../dispatcher/sources/pulsar/properties.ts';
import { type Frame, recordOfFrame, timeOf } from '../../../../../dispatcher/sources/pulsar/record.ts';
import { parseTopicName } from '../../../../../dispatcher/sources/pulsar/topic-name.ts';

const MESSAGE_ID = Buffer.from('08051002', 'hex').toString('base64');
const PUBLISHED = '2026-01-01T00:00:00.123Z';
const NOW = Date.UTC(2027, 0, 1);

const recordOf = (frame: Partial<Frame>) =>
  recordOfFrame(
    parseTopicName('t'),
    { messageId: MESSAGE_ID, publishTime: PUBLISHED, ...frame },
    (_, id) => id,
    () => NOW,
  );

describe('time of a frame', () => {
  for (const [eventTime, expected] of [
    ['2020-05-07T01:32:02.5Z', '2020-05-07T01:32:02.500Z'],
    ['2020-05-07T03:32:02+02:00', '2020-05-07T01:32:02.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    // Microseconds and nanoseconds in the place of milliseconds, as the broker prints them.
    ['+55840-12-27T08:53:20Z', PUBLISHED],
    ['+53871234-03-05T01:02:03.123Z', PUBLISHED],
    ['2021-02-30T00:00:00Z', PUBLISHED],
    ['1970-01-01T00:00:00Z', PUBLISHED],
    ['1969-12-31T23:59:59.999Z', PUBLISHED],
    ['garbage 5', PUBLISHED],
    ['', PUBLISHED],
  ] as const) {
    it(`is ${expected} for the event time ${JSON.stringify(eventTime)}`, () => {
      expect(new Date(recordOf({ eventTime }).time).toISOString()).to.equal(expected);
    });
  }

  it('is that of receipt where the time of publishing is none either', () => {
    expect(recordOf({ publishTime: 'garbage 5', eventTime: '+55840-12-27T08:53:20Z' }).time).to.equal(NOW);
  });
});

describe('timeOf', () => {
  for (const eventTime of [0, -1, -1e15, 1.7e15, 1.7e18, 2 ** 64, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`is the time of publishing for the event time ${eventTime}`, () => {
      expect(timeOf(eventTime, 7, () => 8)).to.equal(7);
      expect(timeOf(eventTime, 2 ** 64, () => 8)).to.equal(8);
    });
  }
});

describe('properties', () => {
  /** As `pulsar-client` does it: names and values end at a NUL, and are set on an array one by one. */
  const nativeProperties = (
    properties: Readonly<Record<string, string>>,
  ): ReturnType<NativeMessage['getProperties']> => {
    const array: string[] = [];
    const end = (text: string) => text.split('\0', 1)[0] ?? '';
    for (const [name, value] of Object.entries(properties)) Reflect.set(array, end(name), end(value));
    return array;
  };
  const overBoth = (properties: Readonly<Record<string, string>>) => [
    { ...recordOf({ properties: JSON.parse(JSON.stringify(properties)) }).attributes },
    { ...propertiesOf(nativeProperties(properties)).attributes },
  ];

  for (const properties of [
    {},
    { a: '1', B: '2', 'ce-id': '3' },
    { value: 'x\0y', after: 'z' },
    { 'name\0more': 'x', other: 'y' },
    { '0': 'first', '7': 'eighth' },
    { length: '120', a: '1' },
    { constructor: 'c', push: 'p', a: '' },
  ]) {
    it(`are the same over both drivers: ${JSON.stringify(properties)}`, () => {
      const [webSocket, native] = overBoth(properties);
      expect(webSocket).to.deep.equal(native);
      expect(Object.keys(webSocket ?? {})).to.have.length(Object.keys(properties).length);
    });
  }

  it('end at their first NUL, which is told', () => {
    const properties = { whole: 'a', value: 'x\0y', 'n\0m': 'z', 'whole\0no': 'b', '\0': 'c', '\0d': 'e' };
    const record = recordOf({ properties });
    expect({ ...record.attributes }).to.deep.equal({ whole: 'a', value: 'x', n: 'z' });
    expect(record.incomplete).to.deep.equal(['value', 'n\0m', 'whole\0no', '\0', '\0d']);
  });

  it('have a name of their own even if it is __proto__', () => {
    const properties = JSON.parse('{"__proto__":"p","nul":"a\\u0000b"}');
    const { attributes } = recordOf({ properties });
    expect(Object.entries(attributes)).to.deep.equal([
      ['__proto__', 'p'],
      ['nul', 'a'],
    ]);
  });

  it('of most records are handed on as they came', () => {
    const properties = { a: 'b' };
    expect(recordOf({ properties }).attributes).to.equal(properties);
    expect(recordOf({ properties })).not.to.have.property('incomplete');
  });
});
