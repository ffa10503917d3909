/** Records a second through the engine, side by side with a bare undici loop that sends the same requests. */
import type { BareParameters, BareWay } from './bare.ts';
import type { EngineParameters } from './engine-loop.ts';
import type { FunctionProcess } from './function-process.ts';
import { runMeasured } from './measured-process.ts';
import { captureHeads } from './request-heads.ts';
import { atLeast, atMost, type Check, mebibytes, median, type Row, type Settings, type Suite, share } from './suite.ts';
import { inTurns, rateOf, type Slice, type Sliced } from './turns.ts';

const PAYLOAD = 1024;
const BARE_KEYS = 256;
const FULL = { runs: 5, warmUp: 2000, settle: 750, slice: 2500, slices: 4 };
const QUICK = { runs: 1, warmUp: 1000, settle: 500, slice: 1000, slices: 4 };

interface Contender {
  readonly loop: string;
  readonly connections: number;
  readonly keys?: number;
  run(onTurn: () => Promise<unknown>): Promise<Sliced>;
  /** The slices with the same index were measured in the same half minute. */
  readonly slices: Slice[];
  /** Of the functions' process while this one had its turn, as a share of one core. */
  readonly functionBusy: number[];
  rssPeak: number;
}

export const throughput: Suite = {
  name: 'engine',
  async run(fn, settings) {
    const { runs, slice, slices } = planOf(settings);
    const contenders = await enlist(fn, settings);
    for (let run = 1; run <= runs; run += 1) {
      await inTurns(contenders, measureOne, { around: (contender) => watchFunction(contender, fn) });
      for (const contender of contenders) {
        const rates = contender.slices.slice(-slices).map((each) => Math.round(rateOf(each)));
        settings.log(`run ${run}/${runs} ${nameOf(contender)}: ${rates.join(', ')} records/s`);
      }
    }
    const best = bestOf(contenders.filter(isBare));
    return {
      title: 'Throughput',
      how: `${PAYLOAD} byte JSON records from memory through window, lanes and function sink, against undici alone with the same headers and bodies; the bodies are made beforehand for both, the headers for undici alone; a function in its own process answers at once. ${runs} runs of ${(slice * slices) / 1000} s each; in a run the loops take turns in slices of ${slice / 1000} s, so that a slow minute of the machine is everyone's. Medians of the slices; a share is the median of those of slices of one round. Each loop in its own process with 16 MiB semi-spaces and 128 MiB of old space.`,
      rows: contenders.map((contender) => rowOf(contender, best)),
      checks: checksOf(contenders, best),
    };
  },
};

async function measureOne(contender: Contender, nextTurn: () => Promise<unknown>): Promise<void> {
  const result = await contender.run(nextTurn);
  contender.slices.push(...result.slices);
  contender.rssPeak = Math.max(contender.rssPeak, result.rssPeak);
}

/** What the function's process uses in one turn. */
async function watchFunction({ functionBusy }: Contender, fn: FunctionProcess): Promise<() => Promise<void>> {
  await fn.report();
  const began = performance.now();
  return async () => {
    const { cpuMicros } = await fn.report();
    functionBusy.push(cpuMicros / 1000 / (performance.now() - began));
  };
}

const planOf = (settings: Settings): typeof FULL => (settings.quick ? QUICK : FULL);
const isBare = ({ keys }: Contender): boolean => keys === undefined;
const nameOf = ({ loop, connections, keys }: Contender): string =>
  keys === undefined ? `${loop}, ${connections} connections` : `${loop}, maxInFlight ${connections}, ${keys} keys`;
const medianRate = ({ slices }: Contender): number => median(slices.map(rateOf));
const shareOf = (one: Contender, other: Contender): number =>
  median(one.slices.map((slice, i) => rateOf(slice) / rateOf(other.slices[i] ?? slice)));

function bestOf(bare: readonly Contender[]): Contender {
  const [best] = bare.toSorted((a, b) => medianRate(b) - medianRate(a));
  if (best === undefined) throw new Error('no bare loop ran');
  return best;
}

async function enlist(fn: FunctionProcess, settings: Settings): Promise<readonly Contender[]> {
  const heads = await captureHeads(fn, { keys: BARE_KEYS, payload: PAYLOAD, total: 1024 });
  const common = { url: fn.url, payload: PAYLOAD, ...planOf(settings) };
  const contender = (loop: string, connections: number, run: Contender['run'], keys?: number): Contender => ({
    ...{ loop, connections, run, slices: [], functionBusy: [], rssPeak: 0 },
    ...(keys !== undefined && { keys }),
  });
  const bare = (way: BareWay, connections: number): Contender => {
    const parameters: BareParameters = { ...common, way, connections, heads, keys: BARE_KEYS };
    return contender(`bare ${way}()`, connections, (onNote) =>
      runMeasured('bare', parameters, { ...settings.measured, onNote }),
    );
  };
  const engine = (maxInFlight: number, keys: number): Contender => {
    const parameters: EngineParameters = { ...common, maxInFlight, keys };
    const run: Contender['run'] = (onNote) => runMeasured('engine-loop', parameters, { ...settings.measured, onNote });
    return contender('engine', maxInFlight, run, keys);
  };
  const bareOnes = (['request', 'dispatch'] as const).map((way) => [32, 256].map((each) => bare(way, each)));
  const engines = [1, 32, 256].flatMap((each) => [engine(each, 16), engine(each, 256)]);
  return interleave(bareOnes.flat(), engines);
}

function interleave<T>(many: readonly T[], few: readonly T[]): T[] {
  const every = Math.ceil(many.length / few.length);
  return few.flatMap((each, i) => [...many.slice(i * every, (i + 1) * every), each]);
}

function rowOf(contender: Contender, best: Contender): Row {
  return {
    loop: contender.loop,
    'in flight': contender.connections,
    keys: contender.keys ?? '',
    'records/s': Math.round(medianRate(contender)),
    'of best bare': share(shareOf(contender, best)),
    'CPU µs/record': Number(median(contender.slices.map(({ cpuMicros, records }) => cpuMicros / records)).toFixed(1)),
    'peak RSS MiB': Math.round(contender.rssPeak / 2 ** 20),
    'function busy': `${Math.round(median(contender.functionBusy) * 100)} %`,
  };
}

function checksOf(contenders: readonly Contender[], best: Contender): Check[] {
  return contenders
    .filter(({ keys, connections }) => keys === 256 && connections > 1)
    .flatMap((contender) => {
      const name = `engine at maxInFlight ${contender.connections}, 256 keys`;
      const same = contenders.filter((each) => isBare(each) && each.connections === contender.connections);
      const memory = mebibytes;
      const bestRequest = bestOf(contenders.filter(({ loop }) => loop === 'bare request()'));
      return [
        atLeast(`${name}: share of the best bare loop`, shareOf(contender, best), 0.75, share),
        atLeast(`${name}: share of the best bare loop of request()`, shareOf(contender, bestRequest), 0.75, share),
        atMost(
          `${name}: peak RSS over that of the bare loop with as many connections`,
          contender.rssPeak - Math.min(...same.map(({ rssPeak }) => rssPeak)),
          48 * 2 ** 20,
          memory,
        ),
      ];
    });
}
