/** Loads that take turns, so that each meets the same minutes of the machine: one runs, the others rest. */
import { setTimeout as pause } from 'node:timers/promises';
import { rssPeak, startUsage, type Tell } from './measured-process.ts';
import { watchStolen } from './stolen.ts';

export interface SliceParameters {
  /** Milliseconds of load before the first slice, before each slice, and of a slice. */
  readonly warmUp: number;
  readonly settle: number;
  readonly slice: number;
  readonly slices: number;
}

/** What went through in a stretch of time. */
export interface Stretch {
  readonly records: number;
  readonly seconds: number;
}

export interface Slice extends Stretch {
  readonly cpuMicros: number;
  /** Share of the machine's processor time that others took, 0 to 1. */
  readonly stolen: number;
}

/** Records a second. */
export const rateOf = ({ records, seconds }: Stretch): number => records / seconds;

export interface Sliced {
  readonly slices: readonly Slice[];
  /** Bytes. */
  readonly rssPeak: number;
}

export interface Load {
  /** With true it does nothing more from now on, or once that is awaited; with false it goes on. */
  hold(held: boolean): void | Promise<void>;
  /** So many records went through so far. */
  records(): number;
}

/** In the measured process: runs the load in slices, each when its turn has come. It is held at the beginning and at the end. */
export async function measureSlices(
  { warmUp, settle, slice, slices }: SliceParameters,
  load: Load,
  tell: Tell,
): Promise<Sliced> {
  const measured: Slice[] = [];
  for (let i = 0; i < slices; i += 1) {
    await tell('turn');
    await load.hold(false);
    await pause(i === 0 ? warmUp + settle : settle);
    const end = startSlice(() => load.records());
    await pause(slice);
    measured.push(end());
    await load.hold(true);
  }
  return { slices: measured, rssPeak: rssPeak() };
}

/** Begins a slice; the answer ends it. `records` tells how many went through so far. */
export function startSlice(records: () => number): () => Slice {
  const used = startUsage();
  const stolen = watchStolen();
  const before = records();
  return () => {
    const { seconds, cpuMicros } = used();
    return { records: records() - before, seconds, cpuMicros, stolen: stolen() };
  };
}

export interface TurnsOptions<C> {
  /** Acts at the beginning of each turn and answers with what to do at its end. */
  readonly around?: (contender: C) => Promise<() => Promise<void>>;
  /** Asked at the beginning of each round, whose turns are all the last ones when it says yes. */
  readonly isOver?: () => boolean;
}

/**
 * In the parent: runs all at once, of which only one has its turn. A turn lasts until the same one asks for the next or ends;
 * all must take equally many. `nextTurn` answers with false when there is nothing more to do in it.
 */
export async function inTurns<C, R>(
  contenders: readonly C[],
  run: (contender: C, nextTurn: () => Promise<boolean>) => Promise<R>,
  { around = async () => async () => undefined, isOver = () => false }: TurnsOptions<C> = {},
): Promise<R[]> {
  const turns = new Turns(contenders.length);
  let over = false;
  return Promise.all(
    contenders.map(async (contender, place) => {
      let endTurn: (() => Promise<void>) | undefined;
      const result = await run(contender, async () => {
        await endTurn?.();
        const done = await turns.take(place);
        if (place === 0) over = isOver();
        const end = await around(contender);
        endTurn = async () => {
          await end();
          done();
        };
        return !over;
      });
      await endTurn?.();
      return result;
    }),
  );
}

/** One turn at a time, round after round, in the order of the places. */
class Turns {
  readonly #places: number;
  readonly #waiting = new Map<number, () => void>();
  #next = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** Resolves when the turn of this place, which counts from 0, has come, with what ends it. */
  async take(place: number): Promise<() => void> {
    await new Promise<void>((resolve) => {
      this.#waiting.set(place, resolve);
      this.#callNext();
    });
    return () => {
      this.#next = (this.#next + 1) % this.#places;
      this.#callNext();
    };
  }

  /** Does nothing while the next one hasn't asked: its turn comes when it does. */
  #callNext(): void {
    const go = this.#waiting.get(this.#next);
    this.#waiting.delete(this.#next);
    go?.();
  }
}
