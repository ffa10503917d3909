/** Loads that take turns, so that each meets the same minutes of the machine: one runs, the others rest. */
import { setTimeout as pause } from 'node:timers/promises';
import { rssPeak, startUsage } from './measured-process.ts';

export interface SliceParameters {
  /** Milliseconds of load before the first slice, before each slice, and of a slice. */
  readonly warmUp: number;
  readonly settle: number;
  readonly slice: number;
  readonly slices: number;
}

export interface Slice {
  readonly records: number;
  readonly seconds: number;
  readonly cpuMicros: number;
}

/** Records a second. */
export const rateOf = ({ records, seconds }: Slice): number => records / seconds;

export interface Sliced {
  readonly slices: readonly Slice[];
  /** Bytes. */
  readonly rssPeak: number;
}

export interface Load {
  /** With true it does nothing more from now on, with false it goes on. */
  hold(held: boolean): void;
  /** So many records went through so far. */
  records(): number;
}

/** In the measured process: runs the load in slices, each when its turn has come. It is held at the beginning and at the end. */
export async function measureSlices(
  { warmUp, settle, slice, slices }: SliceParameters,
  load: Load,
  tell: (note: string) => Promise<void>,
): Promise<Sliced> {
  const measured: Slice[] = [];
  for (let i = 0; i < slices; i += 1) {
    await tell('turn');
    load.hold(false);
    await pause(i === 0 ? warmUp + settle : settle);
    const used = startUsage();
    const before = load.records();
    await pause(slice);
    const { seconds, cpuMicros } = used();
    measured.push({ records: load.records() - before, seconds, cpuMicros });
    load.hold(true);
  }
  return { slices: measured, rssPeak: rssPeak() };
}

/** In the parent: one turn at a time, in the order in which they were asked for. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when the turn has come, with what ends it. */
  async take(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return resolve;
  }
}
