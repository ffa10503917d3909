/** Lanes that stand in line for a slot. */
import type { MutableLane } from './lane.ts';

/** First in, first out, without moving what stands in line, and without keeping what has left. */
export class LaneLine<T> {
  #items: (MutableLane<T> | undefined)[] = [];
  #first = 0;

  push(lane: MutableLane<T>): void {
    this.#items.push(lane);
  }

  /** Those that are gone too, until their turn comes. */
  get length(): number {
    return this.#items.length - this.#first;
  }

  peek(): MutableLane<T> | undefined {
    let lane = this.#items[this.#first];
    while (lane !== undefined && lane.state === 'gone') {
      this.shift();
      lane = this.#items[this.#first];
    }
    return lane;
  }

  shift(): void {
    this.#items[this.#first] = undefined;
    this.#first += 1;
    if (this.#first < 256 || this.#first * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }
}
