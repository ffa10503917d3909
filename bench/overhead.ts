/** What the engine adds to a record's way, at half of the load that it can take. */
import type { FunctionProcess } from './function-process.ts';
import { runMeasured } from './measured-process.ts';
import type { OverheadParameters, OverheadResult, OverheadSlice } from './overhead-loop.ts';
import { atMost, median, milliseconds, type Row, type Settings, type Suite } from './suite.ts';
import { Turns } from './turns.ts';

const SHAPE = { keys: 256, payload: 1024 };
const FULL = { full: 1500, settle: 500, slice: 2500, slices: 20 };
const QUICK = { full: 1000, settle: 250, slice: 1000, slices: 4 };

interface Contender {
  readonly loop: string;
  readonly way: OverheadParameters['way'];
  readonly maxInFlight: number;
}

/** undici alone comes after the engine whose rate it takes. */
const CONTENDERS: readonly Contender[] = [
  { loop: 'engine', way: 'engine', maxInFlight: 256 },
  { loop: 'engine', way: 'engine', maxInFlight: 32 },
  { loop: 'bare dispatch()', way: 'bare', maxInFlight: 32 },
];

export const overhead: Suite = {
  name: 'overhead',
  async run(fn, settings) {
    const plan = settings.quick ? QUICK : FULL;
    const results = await takeTurns(fn, settings, plan);
    const checksOf = (contender: Contender, i: number) => {
      const { slices } = results[i] ?? NOTHING;
      const name = `maxInFlight ${contender.maxInFlight}`;
      return [
        atMost(`${name}: p50`, medianOf(slices, 'p50'), 1, milliseconds),
        atMost(`${name}: p99`, medianOf(slices, 'p99'), 5, milliseconds),
      ];
    };
    return {
      title: 'Overhead',
      how: `Open loop, 256 keys: from read() handing a record over, or from the end of the earlier record of its key where that came later, to undici writing its request; a record that finds all of maxInFlight taken waits for the function too. The loops take turns in ${plan.slices} slices of ${plan.slice / 1000} s, so that a slow minute of the machine is everyone's; each slice is at half of the rate that the engine reached just before it. Medians of the slices, and the p99 of all records of all slices. The bodies are made beforehand. The source hands over what is due once a millisecond, so a record also waits for those of its millisecond before it. Beside it undici alone with the same records at the same rate over as many connections: what machine, function and HTTP client take for themselves.`,
      rows: CONTENDERS.map((contender, i) => rowOf(contender, results[i] ?? NOTHING)),
      checks: CONTENDERS.flatMap((contender, i) => (contender.way === 'engine' ? checksOf(contender, i) : [])),
    };
  },
};

const NOTHING: OverheadResult = {
  slices: [],
  all: { samples: 0, p50: Number.NaN, p90: Number.NaN, p99: Number.NaN, p999: Number.NaN, max: Number.NaN },
};

/** All at once, but only one has its turn. */
async function takeTurns(
  fn: FunctionProcess,
  { measured, log }: Settings,
  plan: typeof FULL,
): Promise<readonly OverheadResult[]> {
  const turns = new Turns(CONTENDERS.length);
  let rate = 0;
  return Promise.all(
    CONTENDERS.map(async ({ loop, way, maxInFlight }, place) => {
      let endTurn: (() => void) | undefined;
      const onNote = async (note: string) => {
        if (note.startsWith('rate ')) {
          rate = Number(note.slice(5));
          return;
        }
        endTurn?.();
        endTurn = await turns.take(place);
        return rate;
      };
      const parameters: OverheadParameters = { ...SHAPE, ...plan, url: fn.url, way, maxInFlight };
      const result: OverheadResult = await runMeasured('overhead-loop', parameters, { ...measured, onNote });
      endTurn?.();
      const each = result.slices.map((slice) => `${slice.p99.toFixed(1)} at ${Math.round(slice.rate)}/s`);
      log(`${loop}, ${maxInFlight}: p99 ${each.join(', ')}`);
      return result;
    }),
  );
}

function medianOf(slices: readonly OverheadSlice[], figure: keyof OverheadSlice): number {
  return median(slices.map((slice) => slice[figure]));
}

function rowOf({ loop, maxInFlight }: Contender, { slices, all }: OverheadResult): Row {
  const of = (figure: keyof OverheadSlice): number => Number(medianOf(slices, figure).toFixed(2));
  return {
    loop,
    'in flight': maxInFlight,
    'records/s': Math.round(of('rate')),
    'p50 ms': of('p50'),
    'p90 ms': of('p90'),
    'p99 ms': of('p99'),
    'p99.9 ms': of('p999'),
    'max ms': of('max'),
    'p99 ms of all': Number(all.p99.toFixed(2)),
    samples: all.samples,
  };
}
