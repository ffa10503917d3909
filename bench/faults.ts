/** Transient failures at the defaults: the rate that is left, next to the highest one that order per key allows. */
import { deliveryWithDefaults } from '../api/defaults.ts';
import type { DeliverySpec } from '../api/trigger.ts';
import { createRandom } from '../test/chaos/schedule.ts';
import { drawFault, type FaultPlan } from './fault-plan.ts';
import { simulateFaults } from './fault-simulation.ts';
import type { FaultsParameters, FaultsResult } from './faults-loop.ts';
import type { FunctionProcess } from './function-process.ts';
import { runMeasured } from './measured-process.ts';
import { atLeast, type Check, median, perSecond, type Row, type Settings, type SuiteResult, share } from './suite.ts';
import { inTurns, rateOf } from './turns.ts';

const PLAN: FaultPlan = { share: 0.03, hang: 1500 };
const KEYS = [100, 256];
const PAYLOAD = 256;
const TARGET = 0.85;
const FULL = { slices: 5, warmUp: 3000, clean: { settle: 1000, slice: 4000 }, faulty: { settle: 5000, slice: 10_000 } };
const QUICK = { slices: 2, warmUp: 1500, clean: { settle: 500, slice: 2000 }, faulty: { settle: 5000, slice: 5000 } };
/** Simulated milliseconds for each round: of all rounds so many hangs that their number is within 1 % of what is to be expected. */
const SIMULATED = { warmUp: 20_000, duration: 300_000 };
const SEED = 1;

interface Measured {
  readonly keys: number;
  readonly clean: FaultsResult;
  readonly faulty: FaultsResult;
  readonly inversions: number;
}

export async function measureFaults(
  fn: FunctionProcess,
  settings: Settings,
  delivery: DeliverySpec = deliveryWithDefaults(),
): Promise<SuiteResult> {
  const results: Measured[] = [];
  for (const keys of KEYS) results.push(await measureBoth(fn, settings, delivery, keys));
  const parts = results.map((measured) => compare(measured, delivery));
  const { slices, faulty } = planOf(settings);
  return {
    title: 'Transient failures',
    how: `${PLAN.share * 100} % of all attempts fail: a third each with 503 at once, with a connection reset, and with 503 after ${PLAN.hang / 1000} s. A function that answers everything else at once, a source that always has more, ${PAYLOAD} byte records, and \`delivery\` as it is where a trigger says nothing of it (maxInFlight ${delivery.maxInFlight}, retries after ${delivery.retry.initialDelay / 1000} s and longer). Two dispatchers take turns, one without failures and one with: ${slices} slices of ${faulty.slice / 1000} s, each after ${faulty.settle / 1000} s of the same load; what is in hand at the end of a slice is delivered before the other one's turn. A key that failed must wait, which sets a bound: the highest rate that order per key, slots and pauses allow, simulated with the same failures, the clean rate of the same round as what the process can do, and a buffer without bounds. A share of the bound is subject to the luck of the draw by a few percent. The function checks that numbers rise within each key.`,
    rows: parts.map(({ row }) => row),
    checks: parts.flatMap(({ checks }) => checks),
  };
}

const planOf = (settings: Settings): typeof FULL => (settings.quick ? QUICK : FULL);

/** The clean one has the first turn of each round. */
async function measureBoth(
  fn: FunctionProcess,
  settings: Settings,
  delivery: DeliverySpec,
  keys: number,
): Promise<Measured> {
  const { clean, faulty, warmUp, slices } = planOf(settings);
  const contenders = [
    { prefix: 'clean-', name: 'without failures', ...clean },
    { prefix: 'faulty-', name: 'with failures', ...faulty },
  ];
  const before = await fn.behave({ ledger: true, fresh: true, faults: { ...PLAN, prefix: 'faulty-', seed: SEED } });
  const run = async (
    { name, ...shape }: (typeof contenders)[number],
    onNote: () => Promise<unknown>,
  ): Promise<FaultsResult> => {
    const parameters: FaultsParameters = { url: fn.url, keys, payload: PAYLOAD, delivery, warmUp, slices, ...shape };
    const result = await runMeasured<FaultsParameters, FaultsResult>('faults-loop', parameters, {
      ...settings.measured,
      onNote,
    });
    settings.log(`${keys} keys ${name}: ${result.slices.map(rateOf).map(perSecond).join(', ')}`);
    return result;
  };
  const [without, withFaults] = await inTurns(contenders, run);
  if (without === undefined || withFaults === undefined) throw new Error('two were measured above');
  const { inversions } = await fn.behave({});
  return { keys, clean: without, faulty: withFaults, inversions: inversions - before.inversions };
}

interface Compared {
  readonly row: Row;
  readonly checks: readonly Check[];
}

function compare({ keys, clean, faulty, inversions }: Measured, delivery: DeliverySpec): Compared {
  const cleanRates = clean.slices.map(rateOf);
  const cleanRate = median(cleanRates);
  const seconds = sumOf(faulty.slices.map((slice) => slice.seconds));
  const rate = sumOf(faulty.slices.map(({ records }) => records)) / seconds;
  const most = faulty.slices.map(
    (slice, round) => slice.seconds * boundOf({ keys, cleanRate: cleanRates[round] ?? Number.NaN, delivery, round }),
  );
  const bound = sumOf(most) / seconds;
  const { acknowledged, handedOver } = faulty;
  return {
    row: {
      keys,
      'clean rate': perSecond(cleanRate),
      'rate with failures': perSecond(rate),
      'of clean': share(rate / cleanRate),
      'simulated bound': perSecond(bound),
      'share of bound': share(rate / bound),
    },
    checks: [
      atLeast(`${keys} keys: rate with failures, of the simulated bound`, rate / bound, TARGET, share),
      exactly(`${keys} keys: delivered`, `${acknowledged} of ${handedOver}`, 'all', acknowledged === handedOver),
      exactly(`${keys} keys: overtaken or doubled`, String(inversions), '0', inversions === 0),
    ],
  };
}

interface Round {
  readonly keys: number;
  readonly cleanRate: number;
  readonly delivery: DeliverySpec;
  readonly round: number;
}

/** Records a second. */
function boundOf({ keys, cleanRate, delivery, round }: Round): number {
  const { maxInFlight, retry } = delivery;
  const random = createRandom(SEED + round);
  const fault = () => drawFault(PLAN, random);
  return simulateFaults({ keys, maxInFlight, retry, cleanRate, hang: PLAN.hang, fault, random, ...SIMULATED });
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);

function exactly(what: string, measured: string, target: string, holds: boolean): Check {
  return { what, measured, target, holds };
}
