/** Records a second from a real Pulsar, over its WebSocket API and, where the client library loads, natively. */
import { messageOf } from '../common/errors.ts';
import type { BareParameters } from './bare.ts';
import type { FunctionProcess } from './function-process.ts';
import { runMeasured } from './measured-process.ts';
import { publish } from './pulsar-backlog.ts';
import type { PulsarParameters, PulsarResult } from './pulsar-progress.ts';
import { type PulsarEndpoint, withPulsar } from './pulsar-server.ts';
import { captureHeads } from './request-heads.ts';
import { atLeast, type Check, median, perSecond, type Row, type Settings, type Suite, share } from './suite.ts';
import { rateOf, type Slice, type Sliced, type Stretch } from './turns.ts';

/** The fast ones first: they warm up the broker for the slow one, whose runs are short of records for that. */
const CASES = [
  { latency: 0, maxInFlight: 32, target: 4000 },
  { latency: 0, maxInFlight: 256, target: 4000 },
  { latency: 10, maxInFlight: 32, target: 2500 },
] as const;

/**
 * Runs of a case. With a function that takes its time, the processors sleep between its answers, and each time they wait for
 * the machine below before they go on: such a case has more runs until it has so many slices in which that took nothing.
 */
const FULL = { total: 80_000, runs: 3, most: 6, wanted: 8, bareSlices: 12 };
const QUICK = { total: 20_000, runs: 1, most: 1, wanted: 1, bareSlices: 5 };

/** Of the bare loop's rate, with a function that answers at once. */
const LEAST_SHARE = 0.9;

/** Connections of the bare loop. */
const BARE_CONNECTIONS = 32;

/** A second is undisturbed with at most this share of it: two of the kernel's ticks where there are two processors. */
const MOST_STOLEN = 0.01;

const SHAPE = { keys: 256, payload: 1024 };

type Case = (typeof CASES)[number];
type Plan = typeof FULL;
type Server = PulsarEndpoint & { readonly pid?: number };

export const pulsar: Suite = {
  name: 'pulsar',
  run: (fn, settings) =>
    withPulsar(async (server) => {
      const drivers = [{ driver: 'WebSocket', broker: server.wsUrl }];
      const why = await whyNotNative();
      if (why === undefined) drivers.push({ driver: 'native', broker: server.serviceUrl });
      else settings.log(`native: ${why}`);

      const plan = settings.quick ? QUICK : FULL;
      const rows: Row[] = [];
      const checks: Check[] = [];
      for (const { driver, broker } of drivers) {
        for (const each of CASES) {
          const { results, bare, alone } = await measureCase(fn, server, broker, each, plan, settings);
          rows.push(rowOf(driver, each.maxInFlight, each, results));
          if (bare.length > 0) rows.push(rowOf('bare loop', BARE_CONNECTIONS, each, bare));
          if (alone.length > 0) rows.push(rowOfAlone(each, alone));
          if (bare.length > 0) checks.push(shareOf(`${driver}, ${nameOf(each)}`, results, bare));
          if (driver === 'WebSocket') checks.push(...checksOf(`${driver}, ${nameOf(each)}`, each, results, plan));
        }
      }
      const native = why === undefined ? '' : ` Not measured natively: ${why}.`;
      return {
        title: 'Pulsar',
        how: `A real Pulsar standalone on the same machine; a backlog of 1 KiB records over 256 keys, published unbatched beforehand, read from a plain topic with a Failover subscription; at least ${plan.runs} runs of ${plan.total.toLocaleString('en')} records. The rate is that after the first quarter, in which both sides still compile what they run; the one from the first record on stands beside it, and the one in undisturbed seconds: those in which other guests of the physical machine took at most ${MOST_STOLEN * 100} % of the processors' time (the kernel's count). The bare loop is a WebSocket with 1,000 records permitted ahead and undici over ${BARE_CONNECTIONS} connections, without order, retry or window; it reads the same records in the same minutes, under a subscription of its own. The broker's processor time is that of its whole process. After each run with a function that takes 10 ms, by its own timer, undici alone without Pulsar over as many connections: what that function lets through.${native}`,
        rows,
        checks,
      };
    }),
};

function rowOf(driver: string, inFlight: number, each: Case, results: readonly PulsarResult[]): Row {
  return rowOfRuns(driver, inFlight, each, results, {
    rate: median(results.map(rateOf)),
    fromFirst: median(results.map(({ fromFirst }) => rateOf(fromFirst))),
    cpu: median(results.map(({ cpuMicros, records }) => cpuMicros / records)),
    brokerCpu: median(results.map(({ brokerMicros = Number.NaN, records }) => brokerMicros / records)),
  });
}

function rowOfAlone(each: Case, results: readonly Sliced[]): Row {
  return rowOfRuns('undici alone', each.maxInFlight, each, results, {
    rate: median(results.map(({ slices }) => rateOf(joined(slices)))),
    cpu: median(results.flatMap(({ slices }) => slices.map(({ cpuMicros, records }) => cpuMicros / records))),
  });
}

interface Figures {
  readonly rate: number;
  readonly fromFirst?: number;
  readonly cpu: number;
  readonly brokerCpu?: number;
}

function rowOfRuns(driver: string, inFlight: number, each: Case, runs: readonly Sliced[], figures: Figures): Row {
  const { rate, fromFirst, cpu, brokerCpu = Number.NaN } = figures;
  const slices = runs.flatMap((run) => run.slices);
  const calm = slices.filter(isUndisturbed);
  return {
    driver,
    function: answersOf(each),
    'in flight': inFlight,
    'records/s': Math.round(rate),
    'from the first': fromFirst === undefined ? '' : Math.round(fromFirst),
    undisturbed: `${calm.length} of ${slices.length} s`,
    'records/s in them': calm.length === 0 ? '' : Math.round(rateOf(joined(calm))),
    'CPU µs/record': Math.round(cpu),
    "broker's": Number.isNaN(brokerCpu) ? '' : Math.round(brokerCpu),
    'peak RSS MiB': Math.round(Math.max(...runs.map(({ rssPeak }) => rssPeak)) / 2 ** 20),
  };
}

/** Each run against the bare loop of the same topic. */
function shareOf(what: string, results: readonly PulsarResult[], bare: readonly PulsarResult[]): Check {
  const shares = results.map((result, i) => rateOf(result) / rateOf(bare[i] ?? result));
  return atLeast(`${what}: share of the bare loop`, median(shares), LEAST_SHARE, share);
}

function checksOf(what: string, { latency, target }: Case, results: readonly PulsarResult[], plan: Plan): Check[] {
  const ofAll = atLeast(what, median(results.map(rateOf)), target, perSecond);
  if (latency === 0) return [ofAll];
  const calm = undisturbedOf(results);
  return [
    ofAll,
    atLeast(`${what}: undisturbed seconds`, calm.length, plan.wanted, String),
    atLeast(`${what}: in them`, rateOf(joined(calm)), target, perSecond),
  ];
}

const answersOf = ({ latency }: Case): string => (latency === 0 ? 'at once' : `after ${latency} ms`);
const nameOf = (each: Case): string => `function answers ${answersOf(each)}, maxInFlight ${each.maxInFlight}`;
const isUndisturbed = ({ stolen }: Slice): boolean => stolen <= MOST_STOLEN;
const undisturbedOf = (results: readonly Pick<Sliced, 'slices'>[]): Slice[] =>
  results.flatMap(({ slices }) => slices.filter(isUndisturbed));

function joined(parts: readonly Stretch[]): Stretch {
  const sum = (figure: keyof Stretch): number => parts.reduce((total, part) => total + part[figure], 0);
  return { records: sum('records'), seconds: sum('seconds') };
}

interface Measured {
  readonly results: readonly PulsarResult[];
  /** A WebSocket and undici alone over the same topic, one for each run; empty for a function that takes its time. */
  readonly bare: readonly PulsarResult[];
  /** undici alone, after each run; empty for a function that answers at once. */
  readonly alone: readonly Sliced[];
}

async function measureCase(
  fn: FunctionProcess,
  server: Server,
  broker: string,
  each: Case,
  plan: Plan,
  settings: Settings,
): Promise<Measured> {
  const { latency, maxInFlight } = each;
  const { total, runs, most, wanted } = plan;
  const { measured, log } = settings;
  await fn.behave({});
  const heads = latency > 0 ? await captureHeads(fn, { ...SHAPE, total: SHAPE.keys }) : [];
  await fn.behave({ latency });
  const results: PulsarResult[] = [];
  const bare: PulsarResult[] = [];
  const alone: Sliced[] = [];
  const isEnough = () => results.length >= runs && (latency === 0 || undisturbedOf(results).length >= wanted);
  while (!isEnough() && results.length < most) {
    const topic = `bench-${process.pid}-${Date.now()}`;
    const began = performance.now();
    await publish(server, { topic, ...SHAPE, total });
    log(`published ${total} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const { url } = fn;
    const { pid: brokerPid } = server;
    const parameters = { url, broker, topic, maxInFlight, total, warmUp: total / 4, ...(brokerPid && { brokerPid }) };
    const bareFirst = results.length % 2 === 1;
    if (latency === 0 && bareFirst) bare.push(await measureBare(parameters, server, settings));
    const result = await runMeasured<PulsarParameters, PulsarResult>('pulsar-loop', parameters, measured);
    if (latency === 0 && !bareFirst) bare.push(await measureBare(parameters, server, settings));
    const calm = undisturbedOf([result]);
    const inCalm = calm.length === 0 ? 'nothing' : perSecond(rateOf(joined(calm)));
    log(
      `${broker.split(':')[0]}, ${nameOf(each)}: ${perSecond(rateOf(result))}; in ${calm.length} undisturbed seconds ${inCalm}`,
    );
    results.push(result);
    if (latency > 0) alone.push(await measureAlone(fn.url, heads, each, plan, settings));
  }
  return { results, bare, alone };
}

/** With a subscription of its own over the records of a run, before it or after it in turns. */
async function measureBare(
  run: PulsarParameters,
  { wsUrl }: Server,
  { measured, log }: Settings,
): Promise<PulsarResult> {
  const parameters = { ...run, broker: wsUrl, maxInFlight: BARE_CONNECTIONS };
  const result = await runMeasured<PulsarParameters, PulsarResult>('pulsar-bare-loop', parameters, measured);
  log(`bare loop: ${perSecond(rateOf(result))}`);
  return result;
}

async function measureAlone(
  url: string,
  heads: BareParameters['heads'],
  { maxInFlight }: Case,
  { bareSlices }: Plan,
  { measured }: Settings,
): Promise<Sliced> {
  const turns = { warmUp: 4000, settle: 0, slice: 1000, slices: bareSlices };
  const load: BareParameters = { ...SHAPE, ...turns, url, way: 'dispatch', connections: maxInFlight, heads };
  return runMeasured<BareParameters, Sliced>('bare', load, measured);
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
