/** How far a source may go ahead of its reader, in records and in bytes. */
import type { Trigger } from '../../../api/trigger.ts';

/** As many as Pulsar's own clients take by default. */
const MOST_RECORDS = 1000;

/** What may have come unread, as a part of `buffer.bytes`. */
const PART_OF_BUFFER = 1 / 8;

/** Milliseconds of reading that are asked for ahead. */
const PERIOD = 100;

/** Assumed before the first record has come: the largest message that brokers take by default. */
const LARGEST_EXPECTED = 5 * 1024 * 1024;

/** What the expected size keeps of itself with each smaller record. */
const DECAY = 0.99;

/** The most records that one consumer prefetches: where several share a topic, they are kept from the others. */
export function mostAhead({ source, delivery }: Trigger): number {
  const { type } = source.subscription;
  const isShared = type === 'Shared' || type === 'Key_Shared';
  return Math.min(isShared ? delivery.maxInFlight : MOST_RECORDS, delivery.buffer.records);
}

/** Bytes that one source may prefetch. */
export function bytesAhead({ delivery }: Trigger): number {
  return Math.floor(delivery.buffer.bytes * PART_OF_BUFFER);
}

/**
 * As many records as are read in a tenth of a second, so that only a fast reader has many waiting, and no more than fit
 * into the bytes if each is as large as the largest of late.
 */
export class Prefetch {
  /** The most that may have come unread. */
  readonly bytes: number;
  readonly #most: number;
  readonly #now: () => number;
  /** Bytes; a decaying maximum. */
  #expected: number;
  #began: number;
  #read = 0;
  #readBefore = 0;

  /** At most `most` records; `now` tells milliseconds of a monotonic clock. */
  constructor(bytes: number, most: number, now: () => number) {
    this.bytes = bytes;
    this.#most = most;
    this.#now = now;
    this.#expected = Math.max(1, Math.min(LARGEST_EXPECTED, bytes));
    this.#began = now();
  }

  /** A record of so many bytes came. */
  noteArrival(bytes: number): void {
    this.#expected = Math.max(bytes, this.#expected * DECAY);
  }

  /** So many records were read. */
  noteRead(records: number): void {
    this.#turnPeriod();
    this.#read += records;
  }

  /** How many records may have come unread or be on their way. */
  get records(): number {
    this.#turnPeriod();
    const byBytes = Math.floor(this.bytes / this.#expected);
    return Math.min(this.#most, byBytes, Math.max(this.#read, this.#readBefore));
  }

  #turnPeriod(): void {
    const age = this.#now() - this.#began;
    if (age < PERIOD) return;
    this.#readBefore = age < 2 * PERIOD ? this.#read : 0;
    this.#read = 0;
    this.#began += age;
  }
}
