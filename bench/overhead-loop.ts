/** The measured process of the overhead: records come at a fixed rate, and each is timed from read() to its request. */
import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery } from '../dispatcher/sources/source.ts';
import { createEngine } from './engine.ts';
import { measure } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger } from './trigger.ts';
import { handler, openPool } from './undici-alone.ts';

export interface OverheadParameters {
  readonly url: string;
  /** `bare`: undici alone, which keeps no order: what the machine, the function and the HTTP client take for themselves. */
  readonly way: 'engine' | 'bare';
  readonly maxInFlight: number;
  readonly keys: number;
  readonly payload: number;
  /** Records a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly warmUp: number;
  readonly duration: number;
}

/** Milliseconds from the moment when nothing but the engine stood between a record and its request. */
export interface OverheadResult {
  readonly samples: number;
  /** Records a second that really went through. */
  readonly rate: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

measure(async ({ warmUp, duration, ...parameters }: OverheadParameters): Promise<OverheadResult> => {
  const { way, rate, keys } = parameters;
  const expected = Math.ceil((rate * (warmUp + duration) * 1.2) / 1000) + 1000;
  const readAt = new Float64Array(expected);
  const ackedAt = new Float64Array(expected);
  const samples = new Float64Array(expected);
  let count = 0;
  let measuring = false;

  const source = new MemorySource({
    ...parameters,
    prepared: 1024,
    onRead: (number) => {
      readAt[number] = performance.now();
    },
    onAck: (number) => {
      ackedAt[number] = performance.now();
    },
  });
  subscribe('undici:client:sendHeaders', (message) => {
    if (!measuring) return;
    // The shape is undici's documented one for this channel.
    const number = numberOf((message as { readonly headers: string }).headers);
    const before = way === 'bare' ? -1 : number - keys;
    const eligible = Math.max(readAt[number] ?? 0, before < 0 ? 0 : (ackedAt[before] ?? 0));
    samples[count++] = performance.now() - eligible;
  });

  const stop = way === 'bare' ? startBare(parameters, source) : await startEngine(parameters, source);
  await pause(warmUp);
  measuring = true;
  await pause(duration);
  measuring = false;
  await stop();

  const sorted = samples.subarray(0, count).toSorted();
  const at = (quantile: number): number => sorted[Math.min(count - 1, Math.floor(count * quantile))] ?? Number.NaN;
  const quantiles = { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
  return { samples: count, rate: (count / duration) * 1000, ...quantiles };
});

type LoopParameters = Pick<OverheadParameters, 'url' | 'maxInFlight'>;

async function startEngine({ url, maxInFlight }: LoopParameters, source: MemorySource): Promise<() => Promise<void>> {
  const pipeline = createEngine(benchTrigger(url, { maxInFlight }), source);
  await pipeline.start();
  return () => pipeline.stop();
}

/** Sends whatever comes over as many connections; what finds none free waits in undici. */
function startBare({ url, maxInFlight }: LoopParameters, source: MemorySource): () => Promise<void> {
  const target = new URL(url);
  const pool = openPool(target, maxInFlight);
  const reading = new AbortController();
  const send = (delivery: Delivery) => {
    const { id, payload } = delivery.record;
    const headers = ['content-type', 'application/json', 'event-id', id];
    const options = { path: target.pathname, method: 'POST', headers, body: payload } as const;
    pool.dispatch(
      options,
      handler(() => delivery.ack()),
    );
  };
  const read = async () => {
    while (!reading.signal.aborted) {
      for (const delivery of await source.read(64, reading.signal)) send(delivery);
    }
  };
  const done = read().catch((error: unknown) => {
    if (!reading.signal.aborted) throw error;
  });
  return async () => {
    reading.abort(new Error('measured'));
    await done;
    await source.close();
    await pool.close();
  };
}

function numberOf(head: string): number {
  const at = head.indexOf('memory:0:') + 9;
  return Number(head.slice(at, head.indexOf('\r\n', at)));
}
