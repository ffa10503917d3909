/** Records a second through the engine, side by side with a bare undici loop that sends the same requests. */
import type { BareParameters, BareResult, BareWay } from './bare.ts';
import type { EngineParameters, EngineResult } from './engine-loop.ts';
import type { FunctionProcess } from './function-process.ts';
import { runMeasured } from './measured-process.ts';
import { captureHeads } from './request-heads.ts';
import { atLeast, atMost, type Check, mebibytes, median, type Row, type Settings, type Suite, share } from './suite.ts';

const PAYLOAD = 1024;
const BARE_KEYS = 256;

interface Contender {
  readonly loop: string;
  readonly connections: number;
  readonly keys?: number;
  run(): Promise<BareResult | EngineResult>;
  readonly samples: Sample[];
}

interface Sample {
  readonly rate: number;
  readonly cpu: number;
  readonly rss: number;
  /** Share of one core that the function's own process used. */
  readonly functionBusy: number;
}

export const throughput: Suite = {
  name: 'engine',
  async run(fn, settings) {
    const contenders = await enlist(fn, settings);
    const runs = settings.quick ? 2 : 5;
    for (let run = 1; run <= runs; run += 1) {
      for (const contender of contenders) {
        await fn.report();
        const began = performance.now();
        const result = await contender.run();
        const busy = (await fn.report()).cpuMicros / 1000 / (performance.now() - began);
        contender.samples.push({
          rate: result.records / result.seconds,
          cpu: result.cpuMicros / result.records,
          rss: result.rssPeak,
          functionBusy: busy,
        });
        settings.log(`run ${run}/${runs} ${nameOf(contender)}: ${Math.round(result.records / result.seconds)}/s`);
      }
    }
    const best = bestOf(contenders.filter(isBare));
    return {
      title: 'Throughput',
      how: `${PAYLOAD} byte JSON records from memory through window, lanes and function sink, against undici alone with the same headers and bodies; the bodies are made beforehand for both, the headers for undici alone; a function in its own process answers at once. Medians of ${runs} interleaved runs of ${duration(settings) / 1000} s; each loop in its own process with 16 MiB semi-spaces and 128 MiB of old space.`,
      rows: contenders.map((contender) => rowOf(contender, best)),
      checks: checksOf(contenders, best),
    };
  },
};

const duration = (settings: Settings): number => (settings.quick ? 3000 : 10_000);
const isBare = ({ keys }: Contender): boolean => keys === undefined;
const nameOf = ({ loop, connections, keys }: Contender): string =>
  keys === undefined ? `${loop}, ${connections} connections` : `${loop}, maxInFlight ${connections}, ${keys} keys`;
const rateOf = ({ samples }: Contender): number => median(samples.map(({ rate }) => rate));
const rssOf = ({ samples }: Contender): number => Math.max(...samples.map(({ rss }) => rss));

function bestOf(bare: readonly Contender[]): Contender {
  const [best] = bare.toSorted((a, b) => rateOf(b) - rateOf(a));
  if (best === undefined) throw new Error('no bare loop ran');
  return best;
}

async function enlist(fn: FunctionProcess, settings: Settings): Promise<readonly Contender[]> {
  const heads = await captureHeads(fn, { keys: BARE_KEYS, payload: PAYLOAD, total: 1024 });
  const common = { url: fn.url, payload: PAYLOAD, warmUp: settings.quick ? 1000 : 2000, duration: duration(settings) };
  const bare = (way: BareWay, connections: number): Contender => {
    const parameters: BareParameters = { ...common, way, connections, heads, keys: BARE_KEYS };
    return {
      loop: `bare ${way}()`,
      connections,
      samples: [],
      run: () => runMeasured('bare', parameters, settings.measured),
    };
  };
  const engine = (maxInFlight: number, keys: number): Contender => {
    const parameters: EngineParameters = { ...common, maxInFlight, keys };
    const run = (): Promise<EngineResult> => runMeasured('engine-loop', parameters, settings.measured);
    return { loop: 'engine', connections: maxInFlight, keys, samples: [], run };
  };
  // Bare and engine take turns, so that a slow minute of the machine is everyone's.
  const bareOnes = (['request', 'dispatch'] as const).map((way) => [32, 256].map((each) => bare(way, each)));
  const engines = [1, 32, 256].flatMap((each) => [engine(each, 16), engine(each, 256)]);
  return interleave(bareOnes.flat(), engines);
}

function interleave<T>(many: readonly T[], few: readonly T[]): T[] {
  const every = Math.ceil(many.length / few.length);
  return few.flatMap((each, i) => [...many.slice(i * every, (i + 1) * every), each]);
}

function rowOf(contender: Contender, best: Contender): Row {
  const { samples } = contender;
  return {
    loop: contender.loop,
    'in flight': contender.connections,
    keys: contender.keys ?? '',
    'records/s': Math.round(rateOf(contender)),
    'of best bare': share(rateOf(contender) / rateOf(best)),
    'CPU µs/record': Number(median(samples.map(({ cpu }) => cpu)).toFixed(1)),
    'peak RSS MiB': Math.round(rssOf(contender) / 2 ** 20),
    'function busy': `${Math.round(median(samples.map(({ functionBusy }) => functionBusy)) * 100)} %`,
  };
}

function checksOf(contenders: readonly Contender[], best: Contender): Check[] {
  return contenders
    .filter(({ keys, connections }) => keys === 256 && connections > 1)
    .flatMap((contender) => {
      const name = `engine at maxInFlight ${contender.connections}, 256 keys`;
      const same = contenders.filter((each) => isBare(each) && each.connections === contender.connections);
      const memory = mebibytes;
      const requests = contenders.filter(({ loop }) => loop === 'bare request()');
      return [
        atLeast(`${name}: share of the best bare loop`, rateOf(contender) / rateOf(best), 0.75, share),
        atLeast(
          `${name}: share of the best bare loop of request()`,
          rateOf(contender) / Math.max(...requests.map(rateOf)),
          0.75,
          share,
        ),
        atMost(
          `${name}: peak RSS over that of the bare loop with as many connections`,
          rssOf(contender) - Math.min(...same.map(rssOf)),
          48 * 2 ** 20,
          memory,
        ),
      ];
    });
}
