/** The measured process of the overhead: records come at a fixed rate, and each is timed from read() to its request. */
import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine } from './engine.ts';
import { measure } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { benchTrigger } from './trigger.ts';

export interface OverheadParameters {
  readonly url: string;
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
  const { rate, keys } = parameters;
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
    const before = number - keys;
    const eligible = Math.max(readAt[number] ?? 0, before < 0 ? 0 : (ackedAt[before] ?? 0));
    samples[count++] = performance.now() - eligible;
  });

  const pipeline = createEngine(benchTrigger(parameters.url, { maxInFlight: parameters.maxInFlight }), source);
  await pipeline.start();
  await pause(warmUp);
  measuring = true;
  await pause(duration);
  measuring = false;
  await pipeline.stop();

  const sorted = samples.subarray(0, count).toSorted();
  const at = (quantile: number): number => sorted[Math.min(count - 1, Math.floor(count * quantile))] ?? Number.NaN;
  const quantiles = { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
  return { samples: count, rate: (count / duration) * 1000, ...quantiles };
});

function numberOf(head: string): number {
  const at = head.indexOf('memory:0:') + 9;
  return Number(head.slice(at, head.indexOf('\r\n', at)));
}
