/** The positions that were acknowledged a moment ago, bounded in time and in number. */

/** How long an acknowledgement is remembered, in milliseconds. */
const REMEMBERED_FOR = 10_000;
const GENERATION_AGE = 2_500;
const GENERATION_SIZE = 32_768;
/** Together about 10 MB at most; a stream that is faster is remembered for less long. */
const GENERATIONS = 5;

interface Generation {
  readonly since: number;
  readonly positions: string[];
  /** The same, made when it is first asked for: an ordered source asks only after a connection was lost. */
  index: Set<string> | undefined;
}

/** Remembers in generations, so that forgetting costs nothing a record. Times are of the caller's clock. */
export class RecentAcks {
  #generations: Generation[] = [];

  add(position: string, now: number): void {
    let newest = this.#generations.at(-1);
    if (newest === undefined || now - newest.since > GENERATION_AGE || newest.positions.length >= GENERATION_SIZE) {
      newest = { since: now, positions: [], index: undefined };
      this.#generations.push(newest);
      this.#expire(now);
    }
    newest.positions.push(position);
    newest.index?.add(position);
  }

  has(position: string, now: number): boolean {
    this.#expire(now);
    return this.#generations.some((generation) => {
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
  }

  #expire(now: number): void {
    const expired = (generation: Generation) => now - generation.since > REMEMBERED_FOR + GENERATION_AGE;
    while (this.#generations[0] !== undefined && expired(this.#generations[0])) this.#generations.shift();
    while (this.#generations.length > GENERATIONS) this.#generations.shift();
  }
}
