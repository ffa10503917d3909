/** Memory: the growth of the heap under load, and what a function that never answers makes a dispatcher hold. */
import type { FunctionProcess } from './function-process.ts';
import type { GrowthParameters, GrowthResult } from './growth-loop.ts';
import { runMeasured } from './measured-process.ts';
import { publish } from './pulsar-backlog.ts';
import { type PulsarEndpoint, withPulsar } from './pulsar-server.ts';
import { atMost, type Check, mebibytes, type Row, type Settings, type Suite } from './suite.ts';
import type { UnansweredParameters, UnansweredResult } from './unanswered-loop.ts';

const MIB = 2 ** 20;
const BUFFER_BYTES = 64 * MIB;
const LOADS = [
  { name: '1 KiB × 200,000', payload: 1024, total: 200_000 },
  { name: '5 MB × 200', payload: 5_000_000, total: 200 },
] as const;

interface Part {
  readonly row: Row;
  readonly check: Check;
}

export const memory: Suite = {
  name: 'memory',
  async run(fn, settings) {
    const parts = [await growth(fn, settings)];
    for (const load of LOADS) parts.push(await unanswered(fn, settings, load));
    if (settings.pulsar) {
      // The large records would need a broker with a larger heap than that of the tests.
      parts.push(await withPulsar((pulsar) => unanswered(fn, settings, LOADS[0], pulsar)));
    }
    return {
      title: 'Memory',
      how: `Growth: ${settings.minutes} min of load at full speed, 256 keys, maxInFlight 32; the live heap after two collections with nothing in hand, first against last. Unanswered: every call hangs until its time-out of 2 s, the buffer holds up to 200,000 records and ${mebibytes(BUFFER_BYTES)}; RSS before the first record against the kernel's high-water mark. Processes run with 16 MiB semi-spaces and 128 MiB of old space.`,
      rows: parts.map(({ row }) => row),
      checks: parts.map(({ check }) => check),
    };
  },
};

async function growth(fn: FunctionProcess, { minutes, quick, measured, log }: Settings): Promise<Part> {
  await fn.behave({});
  const parameters: GrowthParameters = {
    url: fn.url,
    maxInFlight: 32,
    keys: 256,
    payload: 1024,
    // The memory of recent acknowledgements must have reached its full size first.
    warmUp: quick ? 15_000 : 30_000,
    duration: minutes * 60_000,
    samples: Math.max(4, Math.round(minutes * 2)),
  };
  const flags = { execArgv: [...(measured.execArgv ?? []), '--expose-gc'] };
  const result = await runMeasured<GrowthParameters, GrowthResult>('growth-loop', parameters, flags);
  log(`heap after GC: ${result.heap.map(mebibytes).join(', ')}`);
  const first = result.heap[0] ?? Number.NaN;
  const last = result.heap.at(-1) ?? Number.NaN;
  return {
    row: row('growth', mebibytes(first), mebibytes(last), mebibytes(last - first), mebibytes(result.rssPeak)),
    check: atMost(`growth of the heap in ${minutes} min, ${result.records} records`, last - first, 2 * MIB, mebibytes),
  };
}

async function unanswered(
  fn: FunctionProcess,
  settings: Settings,
  load: (typeof LOADS)[number],
  pulsar?: PulsarEndpoint,
): Promise<Part> {
  await fn.behave({ hangAll: true });
  const topic = `bench-${process.pid}-${Date.now()}`;
  const parameters: UnansweredParameters = {
    ...load,
    url: fn.url,
    keys: 256,
    buffer: { records: 200_000, bytes: BUFFER_BYTES },
    duration: settings.quick ? 5000 : 20_000,
    ...(pulsar && { pulsar: { broker: pulsar.wsUrl, topic } }),
  };
  const options = {
    ...settings.measured,
    onNote: async () => pulsar && publish(pulsar, { ...load, topic, keys: 256 }),
  };
  const run = runMeasured<UnansweredParameters, UnansweredResult>;
  const { rssIdle, rssPeak, records, bytes } = await run('unanswered-loop', parameters, options);
  const name = `${load.name}${pulsar ? ' from Pulsar' : ''}`;
  settings.log(`${name}: ${records} records, ${mebibytes(bytes)} in hand`);
  const most = rssIdle + 2 * BUFFER_BYTES + 32 * MIB;
  return {
    row: row(
      `unanswered, ${name}`,
      mebibytes(rssIdle),
      mebibytes(rssPeak),
      mebibytes(rssPeak - rssIdle),
      `${records} records`,
    ),
    check: atMost(`peak RSS, function never answers, ${name}, ${records} records in hand`, rssPeak, most, mebibytes),
  };
}

function row(what: string, before: string, after: string, difference: string, remark: string): Row {
  return { what, 'before or idle': before, 'after or peak': after, difference, 'peak RSS, or in hand': remark };
}
