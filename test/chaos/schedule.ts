/** When which fault strikes: a pure function of the seed. */

export const FUNCTION_FAULTS = ['500', '503', 'hang', 'reset', 'cut'] as const;
export type FunctionFault = (typeof FUNCTION_FAULTS)[number];

export type Fault = FunctionFault | 'kill' | 'terminate' | 'unload' | 'broker';

export interface ScheduledFault {
  /** Strikes when so many records were delivered. */
  readonly at: number;
  readonly fault: Fault;
  /** Calls that a fault of the function spoils. */
  readonly calls: number;
}

/**
 * Every record is an entry of its own: a producer batch comes again whole when its dispatcher dies before all of it is
 * acknowledged, with early records whose successors don't come again. That is Pulsar's way, and no dispatcher can mend it.
 */
export interface Plan {
  readonly seed: number;
  readonly records: number;
  readonly keys: number;
  readonly partitions: number;
  readonly faults: readonly ScheduledFault[];
}

/** How often each strikes in a run; `broker` is a restart of the broker. */
const STRIKES: Readonly<Record<Fault, number>> = {
  kill: 4,
  terminate: 3,
  unload: 4,
  broker: 1,
  '500': 4,
  '503': 3,
  hang: 3,
  reset: 4,
  cut: 2,
};

/** Faults keep away from the ends of a run, where there may be nothing in hand. */
const FIRST = 0.03;
const LAST = 0.9;

export function planRun(seed: number, records: number): Plan {
  const random = createRandom(seed);
  const kinds = Object.entries(STRIKES).flatMap(([fault, times]) => Array<Fault>(times).fill(fault as Fault));
  const faults = kinds.map((fault): ScheduledFault => {
    const share = FIRST + (LAST - FIRST) * random();
    return { at: Math.floor(records * share), fault, calls: 5 + Math.floor(random() * 36) };
  });
  return {
    seed,
    records,
    keys: 200 + Math.floor(random() * 300),
    partitions: seed % 2 === 0 ? 4 : 1,
    faults: faults.toSorted((a, b) => a.at - b.at),
  };
}

/** Numbers from 0 to below 1 that only the seed decides (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
