/** The engine of this checkout against that of another one, with both measured twice: what is noise is seen beside it. */
import { type Comparison, compareRuns, type TwiceMeasured } from './comparison.ts';
import type { EngineParameters } from './engine-loop.ts';
import type { FunctionProcess } from './function-process.ts';
import { runMeasured } from './measured-process.ts';
import { type Check, median, perSecond, type Settings, type Suite } from './suite.ts';
import { inTurns, rateOf, type Slice, type Sliced } from './turns.ts';

const PAYLOAD = 1024;
const CASES = [32, 256].flatMap((maxInFlight) => [16, 256].map((keys) => ({ maxInFlight, keys })));
const FULL = { runs: 5, warmUp: 2000, settle: 750, slice: 2500, slices: 4 };
const QUICK = { runs: 1, warmUp: 1000, settle: 500, slice: 1000, slices: 4 };

type Case = (typeof CASES)[number];
/** This one, the other one, this one again, the other one again. */
type Run = readonly [Measured, Measured, Measured, Measured];
type Measured = Pick<Sliced, 'slices'>;

interface Compared extends Case {
  readonly rates: Comparison;
  readonly cost: Comparison;
  /** Records a second. */
  readonly thisRate: number;
  readonly otherRate: number;
}

/** `root` is that of the other checkout, which is built. */
export function compareWith(root: string): Suite {
  return {
    name: 'compare',
    async run(fn, settings) {
      const { runs, slice, slices } = planOf(settings);
      const compared: Compared[] = [];
      for (const each of CASES) compared.push(await compareOne(fn, settings, root, each));
      return {
        title: 'This engine and another one',
        how: `${PAYLOAD} byte JSON records from memory through window, lanes and function sink to a function that answers at once: the code of this checkout and that of ${root}, each in two processes. ${runs} runs of ${slices} rounds, in each of which the four take turns in slices of ${slice / 1000} s. A ratio is the median of those of slices of one round. A/A: the smallest and the largest ratio of the same code to itself, either way round, of the medians of a run.`,
        rows: compared.map(rowOf),
        checks: compared.map(checkOf),
      };
    },
  };
}

const planOf = (settings: Settings): typeof FULL => (settings.quick ? QUICK : FULL);

async function compareOne(fn: FunctionProcess, settings: Settings, root: string, shape: Case): Promise<Compared> {
  const { runs } = planOf(settings);
  const measured: Run[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const results = await measureRun(fn, settings, root, shape);
    const each = results.map(({ slices }) => slices.map((slice) => Math.round(rateOf(slice))).join(' '));
    settings.log(
      `maxInFlight ${shape.maxInFlight}, ${shape.keys} keys, run ${run}/${runs}: ${each.join(' | ')} records/s`,
    );
    measured.push(results);
  }
  const costOf = ({ cpuMicros, records }: Slice): number => cpuMicros / records;
  const medianRate = (places: readonly number[]): number =>
    median(measured.flatMap((run) => places.flatMap((place) => run[place]?.slices.map(rateOf) ?? [])));
  return {
    ...shape,
    rates: compareRuns(measured.map((run) => figuresOf(run, rateOf))),
    cost: compareRuns(measured.map((run) => figuresOf(run, costOf))),
    thisRate: medianRate([0, 2]),
    otherRate: medianRate([1, 3]),
  };
}

async function measureRun(fn: FunctionProcess, settings: Settings, root: string, shape: Case): Promise<Run> {
  const parameters: EngineParameters = { ...shape, url: fn.url, payload: PAYLOAD, ...planOf(settings) };
  const [a, b, c, d] = await inTurns([undefined, root, undefined, root], async (from, onNote) => {
    const options = { ...settings.measured, onNote, ...(from !== undefined && { root: from }) };
    const result = await runMeasured<EngineParameters, Partial<Sliced>>('engine-loop', parameters, options);
    // Otherwise the others would wait for its turns for ever.
    if (result.slices?.length !== parameters.slices) throw new Error(`${from}: that commit measures in another way`);
    return { slices: result.slices };
  });
  if (!a || !b || !c || !d) throw new Error('four were measured above');
  return [a, b, c, d];
}

function figuresOf([first, other, again, otherAgain]: Run, figure: (slice: Slice) => number): TwiceMeasured {
  const of = ({ slices }: Measured): number[] => slices.map(figure);
  return { these: [of(first), of(again)], others: [of(other), of(otherAgain)] };
}

/** Three digits: two engines that are compared are a few percent apart. */
const ratio = (value: number): string => value.toFixed(3);
const range = ({ from, to }: Comparison['spread']): string => `${ratio(from)}–${ratio(to)}`;

function rowOf({ maxInFlight, keys, rates, cost, thisRate, otherRate }: Compared) {
  return {
    'in flight': maxInFlight,
    keys,
    this: perSecond(thisRate),
    other: perSecond(otherRate),
    'this ÷ other': ratio(rates.ratio),
    'A/A': range(rates.spread),
    'CPU a record, this ÷ other': ratio(cost.ratio),
    'A/A of CPU': range(cost.spread),
  };
}

function checkOf({ maxInFlight, keys, rates }: Compared): Check {
  const { ratio: measured, spread } = rates;
  return {
    what: `maxInFlight ${maxInFlight}, ${keys} keys: this ÷ other isn't below the A/A ratios`,
    target: `≥ ${ratio(spread.from)}`,
    measured: ratio(measured),
    holds: measured >= spread.from,
  };
}
