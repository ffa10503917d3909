/** The positions that were acknowledged a moment ago, bounded in time and in number. */

/** How long an acknowledgement is remembered, in milliseconds. */
const REMEMBERED_FOR = 10_000;
const GENERATION_AGE = 2_500;
const GENERATION_SIZE = 32_768;
/** About 10 MB at most; a stream that is faster is remembered for less long. */
const MOST_POSITIONS = 5 * GENERATION_SIZE;
/** How late a source may notice that its connection is lost, in milliseconds: until then nothing is thrown away for its age. */
const LATEST_NOTICE = 90_000;

interface Generation {
  readonly since: number;
  readonly positions: string[];
  /** The same, made when it is first asked for: an ordered source asks only after a connection was lost. */
  index: Set<string> | undefined;
}

/**
 * Remembers in generations, so that forgetting costs nothing a record. Times are of a clock that runs while the partition is
 * connected: what a broker may have lost with the connection is known for as long as that takes to come back.
 */
export class RecentAcks {
  #generations: Generation[] = [];
  #size = 0;

  add(position: string, now: number): void {
    let newest = this.#generations.at(-1);
    if (newest === undefined || now - newest.since > GENERATION_AGE || newest.positions.length >= GENERATION_SIZE) {
      newest = { since: now, positions: [], index: undefined };
      this.#generations.push(newest);
      this.#throwAway(now);
    }
    newest.positions.push(position);
    newest.index?.add(position);
    this.#size += 1;
  }

  has(position: string, now: number): boolean {
    return this.#generations.some((generation) => {
      if (isOlder(generation, now, REMEMBERED_FOR)) return false;
      generation.index ??= new Set(generation.positions);
      return generation.index.has(position);
    });
  }

  /** Forgets those for which `forget` says so. */
  forget(forget: (position: string) => boolean): void {
    this.#generations = this.#generations.map(({ since, positions }) => ({
      since,
      positions: positions.filter((position) => !forget(position)),
      index: undefined,
    }));
    this.#size = this.#generations.reduce((sum, { positions }) => sum + positions.length, 0);
  }

  /** Whole generations, the oldest first; the newest is still empty here. */
  #throwAway(now: number): void {
    for (let oldest = this.#generations[0]; oldest !== undefined; oldest = this.#generations[0]) {
      const isTooMany = this.#size + GENERATION_SIZE > MOST_POSITIONS;
      if (!isTooMany && !isOlder(oldest, now, REMEMBERED_FOR + LATEST_NOTICE)) return;
      if (this.#generations.length === 1) return;
      this.#generations.shift();
      this.#size -= oldest.positions.length;
    }
  }
}

/** Whether even the last position of the generation is older than that. */
function isOlder({ since }: Generation, now: number, age: number): boolean {
  return now - since > age + GENERATION_AGE;
}
