/** Keys in trouble beside healthy ones: how much the healthy ones keep, and whether all ends in order. */
import { measureFaults } from './faults.ts';
import type { Behaviour, FunctionProcess } from './function-process.ts';
import type { IsolationParameters, IsolationResult } from './isolation-loop.ts';
import { runMeasured } from './measured-process.ts';
import { atLeast, type Check, median, perSecond, type Row, type Settings, type Suite, share } from './suite.ts';
import { inTurns, rateOf } from './turns.ts';

const KEYS = 100;
const LATENCY = 5;
const MIB = 2 ** 20;

const FULL = { warmUp: 3000, settle: 500, slice: 2000 };
const QUICK = { warmUp: 1500, settle: 300, slice: 1000 };

interface Scenario {
  readonly name: string;
  readonly trouble: (keys: readonly string[]) => Behaviour;
  readonly parameters: Pick<IsolationParameters, 'troubled' | 'buffer' | 'timeout' | 'fromTimeout'>;
  /** Slices in trouble, unless the buffer is full before that. */
  readonly most: number;
  /** Of the clean rate, for the healthy keys. */
  readonly target: number;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: '1 of 100 keys fails for ever',
    trouble: (failing) => ({ failing }),
    parameters: {
      troubled: 1,
      // The default, so that the time until it is full says something.
      buffer: { records: 1024, bytes: 64 * MIB },
      timeout: 180_000,
      fromTimeout: false,
    },
    most: 60,
    target: 0.9,
  },
  {
    name: '40 of 100 keys hang',
    trouble: (hanging) => ({ hanging }),
    // Room for what piles up, so that the slots are what is measured and not the buffer.
    parameters: {
      troubled: 40,
      buffer: { records: 60_000, bytes: 256 * MIB },
      timeout: 2000,
      fromTimeout: true,
    },
    most: 8,
    target: 0.5,
  },
];

export const isolation: Suite = {
  name: 'isolation',
  async run(fn, settings) {
    const outcomes: Outcome[] = [];
    for (const scenario of SCENARIOS) outcomes.push(await play(fn, scenario, settings));
    return {
      title: 'Isolation',
      how: `${KEYS} keys, maxInFlight 32, a function that takes ${LATENCY} ms, a source that always has more. Two dispatchers take turns in slices of ${planOf(settings).slice / 1000} s, so that a slow minute of the machine is everyone's: one's keys are all well, the other's are in trouble until its buffer is full of waiting records (keys that fail) or for 8 slices from the first time-out of 2 s (keys that hang). Rates are medians of those of the healthy keys; a share is of all that the clean one would have delivered in the same time, the last seconds included, in which the buffer has hardly any room for healthy records. Then the keys recover, retries pausing 0.2 s to 1 s, and everything in hand drains; the function checks that numbers rise within each key.`,
      rows: outcomes.map(({ row }) => row),
      checks: outcomes.flatMap(({ checks }) => checks),
      also: [await measureFaults(fn, settings)],
    };
  },
};

const planOf = ({ quick }: Settings): typeof FULL => (quick ? QUICK : FULL);
const sumOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);

interface Outcome {
  readonly row: Row;
  readonly checks: readonly Check[];
}

async function play(fn: FunctionProcess, scenario: Scenario, settings: Settings): Promise<Outcome> {
  const { name, parameters, target } = scenario;
  const { clean, result, inversions } = await measureBoth(fn, scenario, settings);
  const { slices, timeToFull, blocked, firstTroubled, handedOver, acknowledged } = result;
  const cleanRates = clean.slices.map(rateOf);
  const expected = slices.map(({ seconds }, i) => (cleanRates[i] ?? Number.NaN) * seconds);
  const kept = sumOf(slices.map(({ records }) => records)) / sumOf(expected);
  const each = slices.map((slice, i) => `${perSecond(rateOf(slice))} of ${perSecond(cleanRates[i] ?? Number.NaN)}`);
  settings.log(`${name}: ${each.join(', ')}`);
  const full = timeToFull === undefined ? 'not reached' : `${(timeToFull / 1000).toFixed(1)} s`;
  const named = `key ${blocked?.key ?? '?'}, position ${blocked?.position ?? '?'}`;
  const checks: Check[] = [
    atLeast(`${name}: rate of the others, of a clean run`, kept, target, share),
    holds(`${name}: delivered after recovery`, `${acknowledged} of ${handedOver}`, 'all', acknowledged === handedOver),
    holds(`${name}: overtaken or doubled`, String(inversions), '0', inversions === 0),
  ];
  if (!parameters.fromTimeout) {
    const right = blocked?.key === 'key-0' && blocked.position === firstTroubled;
    checks.push(holds(`${name}: what Blocked names`, named, `key key-0, position ${firstTroubled}`, right));
  }
  return {
    row: {
      scenario: name,
      'clean rate': perSecond(median(cleanRates)),
      'rate in trouble': perSecond(median(slices.map(rateOf))),
      share: share(kept),
      'buffer full after': full,
      'Blocked names': blocked === undefined ? '' : named,
      'drained in': `${(result.drained / 1000).toFixed(1)} s`,
    },
    checks,
  };
}

interface Both {
  readonly clean: IsolationResult;
  readonly result: IsolationResult;
  readonly inversions: number;
}

/** The clean one has the first turn of each round; the trouble begins when both are warm. */
async function measureBoth(
  fn: FunctionProcess,
  { parameters, trouble, most }: Scenario,
  settings: Settings,
): Promise<Both> {
  const keys = Array.from({ length: parameters.troubled }, (_, i) => `key-${i}`);
  const healthy = { latency: LATENCY, ledger: true };
  const before = await fn.behave({ ...healthy, fresh: true });
  let round = 0;
  let full = false;
  const isOver = () => full || round++ > most;
  const run = (prefix: string, nextTurn: () => Promise<boolean>): Promise<IsolationResult> => {
    const isTroubled = prefix === 'key-';
    const onNote = async (note: string): Promise<unknown> => {
      if (note === 'full') full = true;
      if (note === 'recovery' && isTroubled) await fn.behave(healthy);
      if (note !== 'turn') return undefined;
      const goesOn = await nextTurn();
      if (round === 2 && !isTroubled) await fn.behave({ ...healthy, ...trouble(keys) });
      return goesOn ? undefined : 'end';
    };
    return runMeasured<IsolationParameters, IsolationResult>(
      'isolation-loop',
      {
        ...planOf(settings),
        ...parameters,
        fromTimeout: parameters.fromTimeout && isTroubled,
        ...{ url: fn.url, prefix, keys: KEYS, payload: 256 },
      },
      { ...settings.measured, onNote },
    );
  };
  const [clean, result] = await inTurns(['clean-', 'key-'], run, { isOver });
  if (clean === undefined || result === undefined) throw new Error('two were measured above');
  return { clean, result, inversions: (await fn.report()).inversions - before.inversions };
}

function holds(what: string, measured: string, target: string, ok: boolean): Check {
  return { what, measured, target, holds: ok };
}
