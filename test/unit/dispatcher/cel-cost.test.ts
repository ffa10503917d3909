/** What filters take on records that are made to keep them busy: all would take a dispatcher's thread for long otherwise. */
import { expect } from 'chai';
import { createRecordFilter } from '../../../dispatcher/record-filter.ts';
import { fuzzCel } from '../../fuzz/cel-expressions.ts';
import { aRecord, aTrigger } from '../../support/records.ts';

/** Milliseconds of CPU; what is bounded takes a few, and less once it is compiled. */
const MOST = 100;
const ROUNDS = 3;

const list = <T>(length: number, of: (at: number) => T): readonly T[] => Array.from({ length }, (_, at) => of(at));
const a = (length: number) => 'a'.repeat(length);
const nest = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
/** `before` and `after` around one another. */
const around = (times: number, before: (at: number) => string, inner: string) =>
  list(times, before).join('') + inner + ')'.repeat(times);

interface Hostile {
  readonly what: string;
  readonly cel: string | readonly string[];
  readonly subject?: string;
  /** JSON of what is no text. */
  readonly payload?: unknown;
}

const hostile: readonly Hostile[] = [
  { what: 'a pattern on an attribute', cel: "event.subject.matches('^(a+)+$')", subject: `${a(26)}!` },
  { what: 'a pattern on data', cel: "data.s.matches('^(a+)+$')", payload: { s: `${a(26)}!` } },
  { what: 'a pattern with alternatives', cel: "data.s.matches('^(a|aa)+$')", payload: { s: `${a(33)}!` } },
  {
    what: 'a pattern on each element',
    cel: "data.l.exists(i, i.n.matches('(x+x+)+y'))",
    payload: { l: list(1000, () => ({ n: 'x'.repeat(16) })) },
  },
  {
    what: 'a pattern on a name of the data',
    cel: "data.exists(k, k.matches('^(a+)+$'))",
    payload: { [`${a(26)}!`]: 1 },
  },
  {
    what: 'loops within loops',
    cel: 'data.l.all(i, data.l.all(j, i >= 0.0 || j >= 0.0))',
    payload: { l: list(2000, () => 1) },
  },
  {
    what: 'loops over written lists and the data',
    cel: `data.l.all(i, [${list(90, String)}].all(j, [1, 2, 3].all(k, i < 5.0)))`,
    payload: { l: list(3000, () => 1) },
  },
  {
    what: 'errors that a loop overlooks',
    cel: 'data.l.exists(i, data.l.exists(j, i.x == j.y))',
    payload: { l: list(200, () => ({})) },
  },
  {
    what: 'data that is asked for in a loop',
    cel: 'data.l.all(i, data.l[0] <= i)',
    payload: { l: list(4000, (at) => at) },
  },
  {
    what: 'a text that doubles',
    cel: `${around(12, (at) => `cel.bind(v${at}, ${at === 0 ? 'data.s' : `v${at - 1}`} + ${at === 0 ? 'data.s' : `v${at - 1}`}, `, "v11.lowerAscii() == 'x'")}`,
    payload: { s: a(50_000) },
  },
  {
    what: 'a list that doubles',
    cel: `${around(10, (at) => `cel.bind(v${at}, ${at === 0 ? 'data.l' : `v${at - 1}`} + ${at === 0 ? 'data.l' : `v${at - 1}`}, `, 'v9.all(i, i == 1.0)')}`,
    payload: { l: list(4000, () => 1) },
  },
  {
    what: 'a text put together',
    cel: "data.l.map(i, data.s).join('-').upperAscii() == 'X'",
    payload: { l: list(2000, () => 1), s: 'é'.repeat(50_000) },
  },
  {
    what: 'lists of lists',
    cel: 'data.l.map(i, data.l + data.l).map(i, i + i).size() == 1',
    payload: { l: list(4000, () => 1) },
  },
  {
    what: 'a text taken apart',
    cel: "data.l.exists(i, data.s.split('').size() == 1)",
    payload: { l: list(200, () => 1), s: a(100_000) },
  },
  { what: 'a search', cel: 'data.s.contains(data.t)', payload: { s: a(120_000), t: `${a(30_000)}b${a(30_000)}` } },
  {
    what: 'a search from the end',
    cel: 'data.s.lastIndexOf(data.t) == 1',
    payload: { s: a(120_000), t: `${a(60_000)}b` },
  },
  { what: 'a duration', cel: "duration(data.s) > duration('1s')", payload: { s: '1'.repeat(800) } },
  {
    what: 'hours in a time zone',
    cel: "data.l.all(i, timestamp(i).getHours('Europe/Berlin') == 1)",
    payload: { l: list(2000, () => '2024-01-01T00:00:00Z') },
  },
  {
    what: 'equality of large maps',
    cel: 'data.l.all(i, data.a == data.b)',
    payload: { l: list(400, () => 1), a: list(1000, (at) => ({ at })), b: list(1000, (at) => ({ at })) },
  },
  { what: 'membership in a list', cel: 'data.l.all(i, i in data.l)', payload: { l: list(4000, (at) => at) } },
  {
    what: 'the size of a text',
    cel: 'data.l.exists(i, size(data.s) == i)',
    payload: { l: list(200, () => -1), s: a(100_000) },
  },
  {
    what: 'the names of a map',
    cel: 'data.l.exists(i, data.m.exists(k, false) || data.m.size() == 0)',
    payload: { l: list(500, () => 1), m: Object.fromEntries(list(2000, (at) => [`k${at}`, 1])) },
  },
  {
    what: 'JSON within JSON',
    cel: 'data.l.exists(i, bytes(data.s).json() == {})',
    payload: { l: list(200, () => 1), s: `{"a":[${'{},'.repeat(30_000)}1]}` },
  },
  {
    what: 'many filters on one record',
    cel: list(100, (at) => `data.l.all(i, i * 2.0 + 1.0 >= ${at - 100}.0 && i - 1.0 < 5000.0)`),
    payload: { l: list(4900, (at) => at) },
  },
  { what: 'many levels', cel: 'data == 1', payload: nest(5000) },
  { what: 'a large payload', cel: "data.l == 'x'", payload: `{"l":[${'{},'.repeat(2_000_000)}1]}` },
];

describe('filters in CEL', () => {
  for (const { what, cel, subject = 'a', payload = '{}' } of hostile) {
    it(`bounds ${what}`, function () {
      this.timeout(60_000);
      const filters = [cel].flat().map((one) => ({ cel: one }));
      const passes = createRecordFilter(aTrigger('http://f', { filters }));
      const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
      const record = aRecord({ attributes: { 'ce-subject': subject }, payload: Buffer.from(text) });
      const before = process.cpuUsage();
      for (let round = 0; round < ROUNDS; round += 1) passes?.(record);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000 / ROUNDS).to.be.below(MOST);
    });
  }

  it('bounds any expression on any record', function () {
    this.timeout(60_000);
    const { longest, by } = fuzzCel(500, 1, MOST / 4);
    expect(longest, by).to.be.below(MOST);
  });
});
