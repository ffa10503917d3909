/** Records a second from a real Pulsar, over its WebSocket API and, where the client library loads, natively. */
import { messageOf } from '../common/errors.ts';
import type { BareParameters } from './bare.ts';
import type { FunctionProcess } from './function-process.ts';
import { runMeasured } from './measured-process.ts';
import { publish } from './pulsar-backlog.ts';
import type { PulsarParameters, PulsarResult } from './pulsar-loop.ts';
import { type PulsarEndpoint, withPulsar } from './pulsar-server.ts';
import { captureHeads } from './request-heads.ts';
import { atLeast, type Check, median, perSecond, type Row, type Settings, type Suite } from './suite.ts';
import { rateOf, type Sliced } from './turns.ts';

/** The fast ones first: they warm up the broker for the slow one, whose runs are short of records for that. */
const CASES = [
  { latency: 0, maxInFlight: 32, target: 4000 },
  { latency: 0, maxInFlight: 256, target: 4000 },
  { latency: 10, maxInFlight: 32, target: 2500 },
] as const;

type Case = (typeof CASES)[number];

export const pulsar: Suite = {
  name: 'pulsar',
  run: (fn, settings) =>
    withPulsar(async (server) => {
      const drivers = [{ driver: 'WebSocket', broker: server.wsUrl }];
      const why = await whyNotNative();
      if (why === undefined) drivers.push({ driver: 'native', broker: server.serviceUrl });
      else settings.log(`native: ${why}`);

      const rows: Row[] = [];
      const checks: Check[] = [];
      for (const { driver, broker } of drivers) {
        for (const each of CASES) {
          const results = await measureCase(fn, server, broker, each, settings);
          const rate = median(results.map(({ records, seconds }) => records / seconds));
          const cpu = median(results.map(({ cpuMicros, records }) => cpuMicros / records));
          const answers = each.latency === 0 ? 'at once' : `after ${each.latency} ms`;
          rows.push({
            driver,
            function: answers,
            'in flight': each.maxInFlight,
            'records/s': Math.round(rate),
            'CPU µs/record': Math.round(cpu),
            'peak RSS MiB': Math.round(Math.max(...results.map(({ rssPeak }) => rssPeak)) / 2 ** 20),
          });
          const what = `${driver}, function answers ${answers}, maxInFlight ${each.maxInFlight}`;
          if (driver === 'WebSocket') checks.push(atLeast(what, rate, each.target, perSecond));
        }
      }
      for (const each of CASES.filter(({ latency }) => latency > 0)) rows.push(await measureBare(fn, each, settings));
      const native = why === undefined ? '' : ` Not measured natively: ${why}.`;
      return {
        title: 'Pulsar',
        how: `A real Pulsar standalone on the same machine; a backlog of 1 KiB records over 256 keys, published unbatched beforehand, read from a plain topic with a Failover subscription. The rate is that after the first tenth. Beside it undici alone without Pulsar, over as many connections: what a function that takes 10 ms by its own timer lets through.${native}`,
        rows,
        checks,
      };
    }),
};

async function measureCase(
  fn: FunctionProcess,
  server: PulsarEndpoint,
  broker: string,
  { latency, maxInFlight }: Case,
  { quick, measured, log }: Settings,
): Promise<PulsarResult[]> {
  await fn.behave({ latency });
  const total = quick ? 20_000 : 60_000;
  const results: PulsarResult[] = [];
  for (let run = 1; run <= (quick ? 1 : 3); run += 1) {
    const topic = `bench-${process.pid}-${Date.now()}`;
    const began = performance.now();
    await publish(server, { topic, keys: 256, payload: 1024, total });
    log(`published ${total} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const parameters: PulsarParameters = { url: fn.url, broker, topic, maxInFlight, total, warmUp: total / 10 };
    const result = await runMeasured<PulsarParameters, PulsarResult>('pulsar-loop', parameters, measured);
    log(`${broker.split(':')[0]}, ${latency} ms, ${maxInFlight}: ${Math.round(result.records / result.seconds)}/s`);
    results.push(result);
  }
  return results;
}

async function measureBare(
  fn: FunctionProcess,
  { latency, maxInFlight }: Case,
  { quick, measured }: Settings,
): Promise<Row> {
  const shape = { keys: 256, payload: 1024 };
  await fn.behave({});
  const heads = await captureHeads(fn, { ...shape, total: 256 });
  await fn.behave({ latency });
  const slices = { warmUp: 2000, settle: 0, slice: 3000, slices: quick ? 1 : 5 };
  const load: BareParameters = { ...shape, ...slices, url: fn.url, way: 'dispatch', connections: maxInFlight, heads };
  const result = await runMeasured<BareParameters, Sliced>('bare', load, measured);
  return {
    driver: 'undici alone',
    function: `after ${latency} ms`,
    'in flight': maxInFlight,
    'records/s': Math.round(median(result.slices.map(rateOf))),
    'CPU µs/record': Math.round(median(result.slices.map(({ cpuMicros, records }) => cpuMicros / records))),
    'peak RSS MiB': Math.round(result.rssPeak / 2 ** 20),
  };
}

/** Undefined where the native client library can be loaded. */
async function whyNotNative(): Promise<string | undefined> {
  const name = 'pulsar-client';
  try {
    await import(name);
    return undefined;
  } catch (error) {
    return `${name} can't be loaded here (${messageOf(error).split(/\n| imported from /)[0]})`;
  }
}
