/**
 * The entries of one partition that are in hand, in the order in which they came. They are linked to one another: a Map
 * that thousands enter and leave every second is made anew all the time, and its old tables keep all of them alive until
 * the next full collection. So entries get one only while somebody asks for positions.
 */

/** What a list links; the links are kept by the list. */
export interface Link<T> {
  readonly position: string;
  previous: T | undefined;
  following: T | undefined;
}

export class InHand<T extends Link<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;
  #index: Map<string, T> | undefined;
  /** Entries added since a position was asked for. */
  #unasked = 0;

  get size(): number {
    return this.#size;
  }

  /** Its position isn't in hand yet. */
  add(entry: T): void {
    entry.previous = this.#last;
    entry.following = undefined;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.following = entry;
    this.#last = entry;
    this.#size += 1;
    if (this.#index === undefined) return;
    this.#unasked += 1;
    if (this.#unasked > this.#size) this.#index = undefined;
    else this.#index.set(entry.position, entry);
  }

  /** It is in hand here. */
  remove(entry: T): void {
    const { previous, following } = entry;
    if (previous === undefined) this.#first = following;
    else previous.following = following;
    if (following === undefined) this.#last = previous;
    else following.previous = previous;
    entry.previous = undefined;
    entry.following = undefined;
    this.#size -= 1;
    this.#index?.delete(entry.position);
  }

  find(position: string): T | undefined {
    this.#unasked = 0;
    this.#index ??= new Map([...this].map((entry) => [entry.position, entry]));
    return this.#index.get(position);
  }

  /** The one at hand may be removed meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let entry = this.#first; entry !== undefined; ) {
      const { following } = entry;
      yield entry;
      entry = following;
    }
  }
}
