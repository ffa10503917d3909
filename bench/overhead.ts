/** What the engine adds to a record's way, at half of the load that it can take. */
import type { EngineParameters } from './engine-loop.ts';
import { runMeasured } from './measured-process.ts';
import type { OverheadParameters, OverheadResult } from './overhead-loop.ts';
import { atMost, median, milliseconds, type Row, type Suite } from './suite.ts';
import { rateOf, type Sliced } from './turns.ts';

const SHAPE = { maxInFlight: 32, keys: 256, payload: 1024 };

export const overhead: Suite = {
  name: 'overhead',
  async run(fn, { quick, measured, log }) {
    const runs = quick ? 1 : 5;
    const duration = quick ? 3000 : 10_000;
    const results: Record<OverheadParameters['way'], OverheadResult[]> = { engine: [], bare: [] };
    const common = { ...SHAPE, url: fn.url, warmUp: 2000 };
    for (let run = 1; run <= runs; run += 1) {
      const rate = Math.round((await mostOf(common)) / 2);
      for (const way of ['engine', 'bare'] as const) {
        const half: OverheadParameters = { ...common, way, duration, rate };
        const result = await runMeasured<OverheadParameters, OverheadResult>('overhead-loop', half, measured);
        results[way].push(result);
        const { p50, p99 } = result;
        log(`run ${run}/${runs} ${way} at ${rate}/s: p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`);
      }
    }
    const engine = rowOf('engine', results.engine);
    const bare = rowOf('bare dispatch()', results.bare);
    return {
      title: 'Overhead',
      how: `Open loop at half of the rate measured just before, maxInFlight 32, 256 keys: from read() handing a record over, or from the end of the earlier record of its key where that came later, to undici writing its request. Medians of ${runs} runs of ${duration / 1000} s. The bodies are made beforehand. The source hands over what is due once a millisecond, so a record also waits for those of its millisecond before it. Beside it undici alone with the same records at the same rate over as many connections: what machine, function and HTTP client take for themselves.`,
      rows: [engine, bare],
      checks: [
        atMost('p50', engine['p50 ms'], 1, milliseconds),
        atMost('p99', engine['p99 ms'], 5, milliseconds),
        atMost('p99 beyond that of undici alone', engine['p99 ms'] - bare['p99 ms'], 5, milliseconds),
      ],
    };
  },
};

/** Records a second, as fast as it goes. */
async function mostOf(
  common: Pick<EngineParameters, 'url' | 'maxInFlight' | 'keys' | 'payload' | 'warmUp'>,
): Promise<number> {
  const full: EngineParameters = { ...common, settle: 0, slice: 3000, slices: 1 };
  const { slices } = await runMeasured<EngineParameters, Sliced>('engine-loop', full);
  return median(slices.map(rateOf));
}

function rowOf(loop: string, results: readonly OverheadResult[]) {
  const of = (pick: (result: OverheadResult) => number): number => Number(median(results.map(pick)).toFixed(2));
  return {
    loop,
    'records/s': Math.round(of(({ rate }) => rate)),
    'p50 ms': of(({ p50 }) => p50),
    'p90 ms': of(({ p90 }) => p90),
    'p99 ms': of(({ p99 }) => p99),
    'p99.9 ms': of(({ p999 }) => p999),
    'max ms': of(({ max }) => max),
    samples: results.reduce((sum, { samples }) => sum + samples, 0),
  } satisfies Row;
}
