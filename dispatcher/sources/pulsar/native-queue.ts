/**
 * How many records the native client may prefetch. Its queue is counted in records, is fixed when a topic is subscribed, and
 * is native memory that no heap limit bounds.
 */
import type { Trigger } from '../../../api/trigger.ts';
import { bytesAhead, mostAhead } from './prefetch.ts';

/** Bytes of a record, assumed before the first one has come. */
const ASSUMED = 8 * 1024;

/** With fewer, the broker and the client are busy with little else but asking for records. */
const LEAST = 16;

/** Of the newest record in the mean size. */
const WEIGHT = 0.01;

/** One for all topics of a source. */
export class NativeQueue {
  readonly #most: number;
  readonly #bytes: number;
  readonly #mostBytes: number;
  /** Bytes. A queue of many records holds about as many times the mean, however large the largest is. */
  #mean: number | undefined;

  constructor(trigger: Trigger) {
    this.#most = mostAhead(trigger);
    this.#bytes = bytesAhead(trigger);
    this.#mostBytes = trigger.delivery.buffer.bytes;
  }

  /** A record of so many bytes came. */
  noteArrival(bytes: number): void {
    this.#mean = this.#mean === undefined ? bytes : this.#mean + (bytes - this.#mean) * WEIGHT;
  }

  /** For consumers that are made now, all of them together. */
  get records(): number {
    const byBytes = Math.floor(this.#bytes / Math.max(1, this.#mean ?? ASSUMED));
    return Math.min(this.#most, Math.max(LEAST, byBytes));
  }

  /** Whether so many records would take more than the whole buffer, and fewer may be asked for. */
  isTooLong(records: number): boolean {
    return records > this.records && records * (this.#mean ?? 0) > this.#mostBytes;
  }
}
