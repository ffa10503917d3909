/** What the engine adds to a record's way, at half of the load that it can take. */
import type { FunctionProcess } from './function-process.ts';
import { runMeasured } from './measured-process.ts';
import type { OverheadParameters, OverheadResult, Waits } from './overhead-loop.ts';
import { atLeast, atMost, median, milliseconds, type Row, type Settings, type Suite } from './suite.ts';
import { inTurns } from './turns.ts';

const SHAPE = { keys: 256, payload: 1024, mostStolen: 0.005 };
/** Rounds of slices until both engines have so many that weren't disturbed; the first round only warms up. */
const FULL = { full: 800, settle: 300, slice: 1000, wanted: 8, most: 101 };
const QUICK = { full: 800, settle: 300, slice: 1000, wanted: 3, most: 9 };

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

interface Measured extends OverheadResult {
  readonly contender: Contender;
}

export const overhead: Suite = {
  name: 'overhead',
  async run(fn, settings) {
    const plan = settings.quick ? QUICK : FULL;
    const results = await measureAll(fn, settings, plan);
    return {
      title: 'Overhead',
      how: `Open loop, 256 keys: from read() handing a record over, or from the end of the earlier record of its key where that came later, to undici writing its request; a record that finds all of maxInFlight taken waits for the function too. The loops take turns in slices of ${plan.slice / 1000} s, each at half of the rate that the engine reached just before it, until each engine has ${plan.wanted} undisturbed ones or ${plan.most - 1} in all. Undisturbed: other guests of the physical machine took at most ${SHAPE.mostStolen * 100} % of the processors' time meanwhile (the kernel's count). Figures are those of all records of undisturbed slices, and the p99 of all records whatever was taken. The bodies are made beforehand. The source hands over what is due once a millisecond, so a record also waits for those of its millisecond before it. Beside it undici alone with the same records at the same rate over as many connections: what machine, function and HTTP client take for themselves.`,
      rows: results.map(rowOf),
      checks: results.filter(isEngine).flatMap(({ contender, undisturbed, slices }) => {
        const name = `maxInFlight ${contender.maxInFlight}`;
        return [
          atLeast(`${name}: undisturbed slices`, countUndisturbed(slices), plan.wanted, String),
          atMost(`${name}: p50`, undisturbed.p50, 1, milliseconds),
          atMost(`${name}: p99`, undisturbed.p99, 5, milliseconds),
        ];
      }),
    };
  },
};

async function measureAll(fn: FunctionProcess, { measured, log }: Settings, plan: typeof FULL): Promise<Measured[]> {
  let rate = 0;
  let round = 0;
  const undisturbed = new Map<Contender, number>();
  const isEnough = () => CONTENDERS.every((each) => each.way === 'bare' || (undisturbed.get(each) ?? 0) >= plan.wanted);

  const measureOne = async (contender: Contender, nextTurn: () => Promise<boolean>): Promise<Measured> => {
    const { loop, way, maxInFlight } = contender;
    const onNote = async (note: string): Promise<unknown> => {
      if (note === 'turn') return (await nextTurn()) ? rate : 'end';
      if (note.startsWith('rate ')) rate = Number(note.slice(5));
      if (note === 'undisturbed') undisturbed.set(contender, (undisturbed.get(contender) ?? 0) + 1);
      return undefined;
    };
    const { full, settle, slice } = plan;
    const parameters: OverheadParameters = { ...SHAPE, full, settle, slice, url: fn.url, way, maxInFlight };
    const result: OverheadResult = await runMeasured('overhead-loop', parameters, { ...measured, onNote });
    const each = result.slices.map(
      ({ p99, rate, disturbed }) => `${p99.toFixed(1)} at ${Math.round(rate)}/s${disturbed ? ' disturbed' : ''}`,
    );
    log(`${loop}, ${maxInFlight}: p99 ${each.join(', ')}`);
    return { contender, ...result };
  };
  return inTurns(CONTENDERS, measureOne, { isOver: () => round++ === plan.most || isEnough() });
}

const isEngine = ({ contender }: Measured): boolean => contender.way === 'engine';
const countUndisturbed = (slices: OverheadResult['slices']): number =>
  slices.filter(({ disturbed }) => !disturbed).length;

function rowOf({ contender, slices, undisturbed, all }: Measured): Row {
  const of = (figure: keyof Waits): number => Number(undisturbed[figure].toFixed(2));
  return {
    loop: contender.loop,
    'in flight': contender.maxInFlight,
    'records/s': Math.round(median(slices.map(({ rate }) => rate))),
    undisturbed: `${countUndisturbed(slices)} of ${slices.length}`,
    'p50 ms': of('p50'),
    'p90 ms': of('p90'),
    'p99 ms': of('p99'),
    'p99.9 ms': of('p999'),
    'max ms': of('max'),
    samples: undisturbed.samples,
    'p99 ms of all': Number(all.p99.toFixed(2)),
  };
}
