/** The measured process of the overhead: records come at a fixed rate, and each is timed from read() to its request. */
import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery } from '../dispatcher/sources/source.ts';
import { createEngine } from './engine.ts';
import { measure } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { watchStolen } from './stolen.ts';
import { benchTrigger } from './trigger.ts';
import { handler, openPool } from './undici-alone.ts';

export interface OverheadParameters {
  readonly url: string;
  /** `bare`: undici alone, which keeps no order: what the machine, the function and the HTTP client take for themselves. */
  readonly way: 'engine' | 'bare';
  readonly maxInFlight: number;
  readonly keys: number;
  readonly payload: number;
  /** Milliseconds at full speed before each slice, of load at the slice's rate before it is measured, and of a slice. */
  readonly full: number;
  readonly settle: number;
  readonly slice: number;
  /** A slice is disturbed when more than this share of the machine's processor time was stolen in it. */
  readonly mostStolen: number;
}

/** Milliseconds from the moment when nothing but the engine stood between a record and its request. */
export interface Waits {
  readonly samples: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface OverheadSlice extends Waits {
  /** Records a second that really went through. */
  readonly rate: number;
  readonly disturbed: boolean;
}

export interface OverheadResult {
  /** Without the first, in which the code is still cold. */
  readonly slices: readonly OverheadSlice[];
  /** Those of the undisturbed slices, as one. */
  readonly undisturbed: Waits;
  readonly all: Waits;
}

/** Records whose times are kept: more than are ever in hand. */
const KEPT = 2 ** 16;
/** The most waits of one slice: more than any machine here reaches. */
const WAITS = 250_000;

/**
 * Says `turn` before each slice and waits; the answer `end` ends it. The engine then finds out how much it can take just now,
 * says `rate <records a second>`, which is half of it, and is measured at that; undici alone is told the rate in answer to
 * its `turn`. After a slice that wasn't disturbed it says `undisturbed`.
 */
measure(async (parameters: OverheadParameters, tell): Promise<OverheadResult> => {
  const { way, keys, full, settle, slice, mostStolen } = parameters;
  const readAt = new Float64Array(KEPT);
  const ackedAt = new Float64Array(KEPT);
  // Allocated once: a list that grows would be garbage of the benchmark's own.
  const waits = new Float64Array(WAITS);
  let count = 0;
  let measuring = false;
  const source = new MemorySource({
    ...parameters,
    prepared: 1024,
    onRead: (number) => {
      readAt[number % KEPT] = performance.now();
    },
    onAck: (number) => {
      ackedAt[number % KEPT] = performance.now();
    },
  });
  subscribe('undici:client:sendHeaders', (message) => {
    if (!measuring) return;
    // The shape is undici's documented one for this channel.
    const number = numberOf((message as { readonly headers: string }).headers);
    const before = way === 'bare' ? -1 : number - keys;
    const eligible = Math.max(readAt[number % KEPT] ?? 0, before < 0 ? 0 : (ackedAt[before % KEPT] ?? 0));
    if (count === WAITS) throw new Error(`one slice has more than ${WAITS} records: let it be shorter`);
    waits[count++] = performance.now() - eligible;
  });

  source.hold(true);
  const stop = way === 'bare' ? startBare(parameters, source) : await startEngine(parameters, source);
  const all: Float64Array[] = [];
  const slices: OverheadSlice[] = [];
  for (let turn = 0; ; turn += 1) {
    const told = await tell('turn');
    if (told === 'end') break;
    const rate = way === 'bare' ? Number(told) : Math.round((await mostOf(source, full)) / 2);
    if (way === 'engine') await tell(`rate ${rate}`);
    source.pace(rate);
    source.hold(false);
    await pause(settle);
    count = 0;
    const stolen = watchStolen();
    measuring = true;
    await pause(slice);
    measuring = false;
    const disturbed = stolen() > mostStolen;
    await drain(source);
    if (turn === 0) continue;
    const sorted = waits.slice(0, count).sort();
    all.push(sorted);
    slices.push({ rate: (count / slice) * 1000, disturbed, ...quantilesOf(sorted) });
    if (!disturbed) await tell('undisturbed');
  }
  await stop();
  const undisturbed = all.filter((_, i) => slices[i]?.disturbed === false);
  return { slices, undisturbed: quantilesOf(joined(undisturbed)), all: quantilesOf(joined(all)) };
});

const joined = (parts: readonly Float64Array[]): Float64Array =>
  Float64Array.from(parts.flatMap((each) => [...each])).sort();

/** Records a second, as fast as it goes; the first half of the time doesn't count. */
async function mostOf(source: MemorySource, full: number): Promise<number> {
  source.pace(undefined);
  source.hold(false);
  await pause(full / 2);
  const before = source.acknowledged;
  const began = performance.now();
  await pause(full / 2);
  const rate = ((source.acknowledged - before) / (performance.now() - began)) * 1000;
  await drain(source);
  return rate;
}

async function drain(source: MemorySource): Promise<void> {
  source.hold(true);
  while (source.acknowledged < source.handedOver) await pause(5);
}

function quantilesOf(sorted: Float64Array): Waits {
  const at = (quantile: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN;
  return { samples: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}

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
