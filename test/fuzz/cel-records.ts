/** Records that are made to keep CEL expressions busy: each is as large as `data` may be, in one way. */
import { type Attributes, compileFilter } from '../../dispatcher/filter.ts';
import { dataOf } from '../../dispatcher/payload-data.ts';

export interface HostileRecord {
  readonly name: string;
  readonly event: Attributes;
  readonly payload: Buffer;
}

const list = <T>(length: number, of: (at: number) => T): readonly T[] => Array.from({ length }, (_, at) => of(at));
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

const event: Attributes = { subject: `${'a'.repeat(30)}!`, type: 'order.paid', note: 'x'.repeat(200_000) };

/** `s` and `t` are texts, `items` and `other` lists, `m` is a map, where a record has them. */
const payloads: Readonly<Record<string, unknown>> = {
  objects: { items: list(600, (at) => ({ a: at, s: `k${at}` })), other: list(600, (at) => at), s: 'aa', m: { a: 1 } },
  letters: { items: list(600, (at) => at), s: 'a'.repeat(100_000), t: `${'a'.repeat(1000)}b${'a'.repeat(1000)}` },
  names: { items: list(1000, (at) => ({ [`k${at}`]: at })), m: Object.fromEntries(list(1500, (at) => [`k${at}`, at])) },
  texts: { items: list(3000, (at) => `${'s'.repeat(60)}${at}`), other: ['s', 't'], s: 'é'.repeat(20_000), t: 'é' },
  numbers: { items: list(5000, (at) => at / 3), other: list(4000, (at) => at), s: '9'.repeat(200_000), t: '1.5' },
  durations: { items: list(2000, () => '1'.repeat(40)), s: '1'.repeat(100_000), t: '1h'.repeat(20_000) },
  times: { items: list(3000, () => '2024-01-01T00:00:00Z'), other: list(3000, () => 'Europe/Berlin'), t: 'UTC' },
  empty: { items: list(4900, () => ({})), s: '', t: '' },
  deep: { items: list(100, () => nested(50)), m: { m: { m: { m: { a: 1 } } } }, s: '[]', t: '[' },
  json: { items: ['a'], s: `[${'{},'.repeat(20_000)}1]`, t: '['.repeat(50_000) },
};

/** The last ones are beyond a limit. */
export const HOSTILE_RECORDS: readonly HostileRecord[] = [
  ...Object.entries(payloads).map(([name, data]) => ({ name, event, payload: Buffer.from(JSON.stringify(data)) })),
  { name: 'five megabytes', event, payload: Buffer.from(JSON.stringify({ items: list(500_000, () => 'a') })) },
  { name: 'a hundred thousand levels', event, payload: Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)) },
  { name: 'a hundred thousand objects', event, payload: Buffer.from(`{"items":[${'{},'.repeat(60_000)}1]}`) },
];

/** Judges the record by the expression, with its payload parsed already where that can be: what is measured is CEL. */
export function judgeOf(cel: string): ((record: HostileRecord) => boolean) | undefined {
  try {
    const passes = compileFilter([{ cel }]);
    return (record) => passes(record.event, () => parsed(record));
  } catch {
    return undefined;
  }
}

const known = new Map<HostileRecord, () => unknown>();

function parsed(record: HostileRecord): unknown {
  const data = known.get(record) ?? parse(record);
  known.set(record, data);
  return data();
}

function parse({ payload }: HostileRecord): () => unknown {
  try {
    const data = dataOf(payload);
    return () => data;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** The CPU time that it takes once it is compiled, in milliseconds; 0 where it is less than `enough` by the clock. */
export function cpuTimeOf(act: () => void, enough: number): number {
  const begin = performance.now();
  act();
  if (performance.now() - begin < enough) return 0;
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && least > enough; attempt += 1) least = Math.min(least, averageTimeOf(act));
  return least;
}

const ATTEMPTS = 5;
const ROUNDS = 20;

/** Other programs take turns meanwhile, and the clock of the CPU ticks slowly: of many together. */
function averageTimeOf(act: () => void): number {
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / ROUNDS;
}
