/** Visits all there is again and again, spread evenly over each round, so that nobody sees a wave. */

export interface Rounds {
  /** The first visit of the first round comes at once. */
  start(): void;
  stop(): void;
}

export interface RoundsOptions<T> {
  /** Asked at the beginning of each round. */
  readonly items: () => readonly T[];
  /** Milliseconds that a round with so many items takes. */
  readonly length: (count: number) => number;
  readonly visit: (item: T) => void;
}

/** Milliseconds between visits: closer ones are made together. */
const STEP = 20;

export function createRounds<T>({ items, length, visit }: RoundsOptions<T>): Rounds {
  let timer: NodeJS.Timeout | undefined;

  function round(): void {
    const all = items();
    const takes = length(all.length);
    const step = takes / Math.max(1, all.length);
    const startedAt = performance.now();
    let next = 0;
    const some = () => {
      const due = Math.min(all.length, Math.ceil((performance.now() - startedAt + 1) / step));
      for (const item of all.slice(next, due)) visit(item);
      next = due;
      if (next < all.length) timer = setTimeout(some, Math.max(STEP, step));
      else timer = setTimeout(round, Math.max(0, startedAt + takes - performance.now()));
    };
    some();
  }

  return {
    start: round,
    stop() {
      clearTimeout(timer);
    },
  };
}
