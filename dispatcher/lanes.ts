/**
 * Ordered lanes: which record may run now. Pure scheduling, no I/O and no clock of its own.
 *
 * ```
 *  add ──▶ ready ──take──▶ running ──advance──▶ ready (the next record) or idle ──add──▶ ready
 *            ▲                │
 *            └── wake ◀── waiting ◀── retry
 * ```
 * A lane is (partition, key). One without records is idle: as good as gone, but kept for the next record of its key. At most
 * `maxInFlight` lanes run at once; second and later attempts, and every attempt of a key whose last one timed out, run in at
 * most half of these slots, so that failing or hanging keys never take the place of healthy ones.
 */
import type { Lane, LaneItem, MutableLane } from './lane.ts';
import { LaneLine } from './lane-line.ts';
import { MinHeap } from './min-heap.ts';
import { RecentKeys } from './recent-keys.ts';

/** Items that can run soon, for each slot and at least in all: more would only grow old in memory. */
const AHEAD = 1.5;
const LEAST_AHEAD = 48;
/** Items that may wait in lanes that are well, for each slot and at least in all. */
const LOOK_AHEAD = 32;
const LEAST_LOOK_AHEAD = 1024;
/** The share of either that must be missing before more are wanted: few large reads rather than one for each call that ends. */
const READ_SHARE = 1 / 3;
const LOOK_AHEAD_SHARE = 1 / 32;
/** How far it reads at a time past what may wait, as a share of that: each read may find a key that can run. */
const PROBE_SHARE = 1 / 8;
/** Idle lanes that are kept: keys that come again and again cost no new lane each time. */
const MOST_IDLE = 4096;
/** Timed-out keys remembered after their lane is gone; beyond that the oldest is treated as healthy again. */
const TIMED_OUT_KEYS = 4096;

export class Lanes<T extends LaneItem<T>> {
  /** How many items may wait in lanes that are well while every known key has some. */
  readonly lookAhead: number;
  readonly #maxInFlight: number;
  readonly #maxSlow: number;
  /** The idle ones too. */
  #lanes = new Map<string, MutableLane<T>>();
  readonly #fresh = new LaneLine<T>();
  readonly #slow = new LaneLine<T>();
  readonly #waiting = new MinHeap<MutableLane<T>>((a, b) => a.wakeAt - b.wakeAt);
  readonly #timedOut = new RecentKeys(TIMED_OUT_KEYS);
  #idle = 0;
  #limit: number;
  #turn = 0;
  #running = 0;
  #runningSlow = 0;
  #retrying = 0;
  #items = 0;
  #itemsHeldUp = 0;

  constructor(maxInFlight: number) {
    this.lookAhead = Math.max(LEAST_LOOK_AHEAD, maxInFlight * LOOK_AHEAD);
    this.#maxInFlight = maxInFlight;
    this.#limit = maxInFlight;
    this.#maxSlow = Math.max(1, Math.floor(maxInFlight / 2));
  }

  /** How many lanes may run whose head is at its first attempt and whose last one didn't time out; at most `maxInFlight`. */
  set limit(limit: number) {
    this.#limit = limit;
  }

  /** Whether no other lane may run that is at its first attempt. */
  get isAtLimit(): boolean {
    return !this.#hasSlot();
  }

  /** Lanes that have records. */
  get size(): number {
    return this.#lanes.size - this.#idle;
  }

  get running(): number {
    return this.#running;
  }

  /** Lanes whose head failed at least once. */
  get retrying(): number {
    return this.#retrying;
  }

  /** Items in lanes that are well, but for those that run. */
  get waiting(): number {
    return Math.max(0, this.#items - this.#itemsHeldUp - this.#running);
  }

  /**
   * How many more items are of use now. While a slot is free: as many as may wait. When all are taken: so many that each slot
   * finds another lane or its next item waiting. What stands behind a failed or a slow head isn't counted; and while a key is
   * known that has no item, some more are of use, since its next one could run although the others have to wait.
   */
  get appetite(): number {
    const { lookAhead, waiting } = this;
    const left = lookAhead - waiting;
    const isFull = left < lookAhead * LOOK_AHEAD_SHARE;
    if (isFull && this.#idle === 0) return 0;
    const room = isFull ? lookAhead * PROBE_SHARE : left;
    if (this.#hasSlot()) return room;
    // A lane that runs needs one more item, however many stand behind it.
    const soon = this.#fresh.length + Math.min(Math.max(0, waiting - this.#fresh.length), this.#running);
    const ahead = Math.max(LEAST_AHEAD, this.#limit * AHEAD);
    const wanted = Math.floor(ahead - soon);
    return wanted < ahead * READ_SHARE ? 0 : Math.min(wanted, room);
  }

  /** Puts the item behind all others of its key. */
  add(key: string, item: T): void {
    item.next = undefined;
    const lane = this.#lanes.get(key) ?? this.#create(key);
    const { tail } = lane;
    lane.tail = item;
    lane.size += 1;
    this.#count(lane, 1);
    if (tail !== undefined) {
      tail.next = item;
      return;
    }
    lane.head = item;
    this.#idle -= 1;
    this.#makeReady(lane);
  }

  /** The next lane whose head may run, now counted as running; undefined when there is none or no slot is free. */
  take(): Lane<T> | undefined {
    if (this.#running >= this.#maxInFlight) return undefined;
    const fresh = this.#hasSlot() ? this.#fresh.peek() : undefined;
    const slow = this.#runningSlow < this.#maxSlow ? this.#slow.peek() : undefined;
    const lane = slow === undefined || (fresh !== undefined && fresh.turn < slow.turn) ? fresh : slow;
    if (lane === undefined) return undefined;
    if (lane.slow) {
      this.#slow.shift();
      this.#runningSlow += 1;
    } else {
      this.#fresh.shift();
    }
    lane.state = 'running';
    this.#running += 1;
    return lane as Lane<T>; // what stands in line has a head
  }

  /** The running head is done with; `timedOut` when that is how its last attempt ended. */
  advance(taken: Lane<T>, timedOut = false): void {
    const lane = this.#finish(taken);
    this.#noteTimeout(lane, timedOut);
    this.#setRetrying(lane, false);
    this.#items -= 1;
    lane.size -= 1;
    const next = taken.head.next;
    taken.head.next = undefined;
    lane.head = next;
    if (next !== undefined) this.#makeReady(lane);
    else this.#rest(lane);
  }

  /** The running head failed and waits until `wakeAt` (the caller's clock). */
  retry(taken: Lane<T>, wakeAt: number, timedOut = false): void {
    const lane = this.#finish(taken);
    this.#noteTimeout(lane, timedOut);
    this.#setRetrying(lane, true);
    lane.state = 'waiting';
    lane.wakeAt = wakeAt;
    this.#waiting.push(lane);
  }

  /** The head runs for so long that what stands behind it isn't to count as waiting. Whether that is news. */
  holdUp(taken: Lane<T>): boolean {
    const lane = taken as MutableLane<T>; // every Lane that leaves this class is one
    if (lane.stuck || lane.state !== 'running') return false;
    this.#setStuck(lane, true);
    return true;
  }

  /** Makes ready what has waited long enough; answers with the time of the next one, undefined when none waits. */
  wake(now: number): number | undefined {
    for (;;) {
      const first = this.#waiting.peek();
      if (first === undefined) return undefined;
      if (first.state === 'waiting' && first.wakeAt > now) return first.wakeAt;
      this.#waiting.pop();
      if (first.state === 'waiting') this.#makeReady(first);
    }
  }

  /** Takes out every item for which `drop` says so, except heads that run: those end by `advance`. */
  drop(drop: (item: T) => boolean): void {
    for (const lane of this.values()) this.#dropFrom(lane, drop);
  }

  /** Those that have records. */
  *values(): Generator<Lane<T>> {
    for (const lane of this.#lanes.values()) if (lane.state !== 'idle') yield lane as Lane<T>; // it has a head
  }

  #hasSlot(): boolean {
    return this.#running < this.#maxInFlight && this.#running - this.#runningSlow < this.#limit;
  }

  #dropFrom(from: Lane<T>, drop: (item: T) => boolean): void {
    const lane = from as MutableLane<T> & { head: T }; // every Lane that leaves this class is one
    const kept: T[] = lane.state === 'running' || !drop(lane.head) ? [lane.head] : [];
    for (let item = lane.head.next; item !== undefined; item = item.next) {
      if (!drop(item)) kept.push(item);
    }
    if (kept.length === lane.size) return;
    this.#count(lane, 1 - lane.size);
    if (kept[0] === lane.head) {
      kept.shift();
      lane.head.next = undefined;
      lane.tail = lane.head;
      lane.size = 1;
    } else {
      this.#remove(lane);
    }
    for (const item of kept) this.add(lane.key, item);
  }

  #create(key: string): MutableLane<T> {
    const lane: MutableLane<T> = {
      key,
      head: undefined,
      tail: undefined,
      size: 0,
      retrying: false,
      stuck: false,
      timedOut: this.#timedOut.size > 0 && this.#timedOut.has(key),
      state: 'idle',
      slow: false,
      turn: 0,
      wakeAt: 0,
    };
    this.#lanes.set(key, lane);
    this.#idle += 1;
    return lane;
  }

  /** A new Map rather than many deletions: what a Map once held is kept by its old tables until the next full collection. */
  #rest(lane: MutableLane<T>): void {
    lane.state = 'idle';
    lane.tail = undefined;
    this.#idle += 1;
    if (this.#idle <= MOST_IDLE || this.#idle * 2 < this.#lanes.size) return;
    this.#lanes = new Map([...this.#lanes].filter(([, { state }]) => state !== 'idle'));
    this.#idle = 0;
  }

  /** The lane's places in line and heap are passed over when their turn comes, which is cheaper than to search them. */
  #remove(lane: MutableLane<T>): void {
    lane.size = 1;
    this.#setRetrying(lane, false);
    this.#items -= 1;
    lane.state = 'gone';
    this.#lanes.delete(lane.key);
  }

  #makeReady(lane: MutableLane<T>): void {
    lane.state = 'ready';
    lane.slow = lane.retrying || lane.timedOut;
    lane.turn = this.#turn++;
    (lane.slow ? this.#slow : this.#fresh).push(lane);
  }

  #finish(taken: Lane<T>): MutableLane<T> {
    const lane = taken as MutableLane<T>; // every Lane that leaves this class is one
    this.#running -= 1;
    if (lane.slow) this.#runningSlow -= 1;
    if (lane.stuck) this.#setStuck(lane, false);
    return lane;
  }

  #count(lane: MutableLane<T>, change: number): void {
    this.#items += change;
    if (lane.retrying || lane.stuck) this.#itemsHeldUp += change;
  }

  #setRetrying(lane: MutableLane<T>, retrying: boolean): void {
    if (lane.retrying === retrying) return;
    lane.retrying = retrying;
    this.#retrying += retrying ? 1 : -1;
    this.#itemsHeldUp += retrying ? lane.size : -lane.size;
  }

  #setStuck(lane: MutableLane<T>, stuck: boolean): void {
    lane.stuck = stuck;
    if (!lane.retrying) this.#itemsHeldUp += stuck ? lane.size : -lane.size;
  }

  #noteTimeout(lane: MutableLane<T>, timedOut: boolean): void {
    if (lane.timedOut === timedOut) return;
    lane.timedOut = timedOut;
    if (!timedOut) {
      this.#timedOut.delete(lane.key);
      return;
    }
    this.#timedOut.add(lane.key);
  }
}
