/** What both drivers share: a source that is the sum of its topics. */
import type { Delivery, Disconnection, Outage, Source, SourceEvents } from '../source.ts';
import { Arrivals } from './arrivals.ts';
import type { Prefetch } from './prefetch.ts';

/** One topic, kept connected by its driver. */
export interface Topic {
  readonly isConnected: boolean;
  /** Why it isn't connected; absent while it is, and before the first attempt ended. */
  readonly failure: Disconnection | undefined;
  /** Full name, without a partition. */
  readonly name: string;
  /** While it isn't connected: for how many milliseconds its last connection had been silent when it was lost. */
  readonly silentFor: number;
  start(): void;
  close(): Promise<void>;
}

export interface Driver {
  readonly topics: readonly Topic[];
  readonly unanswered: Unanswered;
  /** Rejects when the driver can't work on this machine at all. */
  prepare(): Promise<void>;
  /**
   * Asks for `wanted` records, which a reader waits for, or for `ahead`, which may wait for their reader, whichever is more;
   * what was asked for before counts. A client that prefetches by itself is asked for `wanted` alone.
   */
  request(wanted: number, ahead: number): void;
  /** Takes nothing more off the wire while held: what came is large, and isn't read yet. */
  hold(held: boolean): void;
  /** After all topics are closed. */
  dispose(): Promise<void>;
}

/** What is told of topics whose first attempt to connect lasts longer than `after` milliseconds. */
export interface Unanswered {
  readonly after: number;
  readonly failure: Disconnection;
}

/** A delivery that tells what it holds in memory until it is read. */
export interface SizedDelivery extends Delivery {
  /** Bytes: payload, properties and all. */
  readonly size: number;
}

/** What a driver tells. */
export interface DriverHooks<D extends SizedDelivery> {
  deliver(delivery: D): void;
  /** What came, wasn't read, and will come again. */
  discard(isWorthless: (delivery: D) => boolean): void;
  /** A topic is connected, or there is another reason why it isn't. */
  changed(): void;
}

export function createTopicsSource<D extends SizedDelivery>(
  prefetch: Prefetch,
  createDriver: (hooks: DriverHooks<D>) => Driver,
): Source {
  return new TopicsSource(prefetch, createDriver);
}

class TopicsSource<D extends SizedDelivery> implements Source {
  readonly #driver: Driver;
  readonly #prefetch: Prefetch;
  readonly #arrivals = new Arrivals<D>(({ size }) => size);
  #events: SourceEvents | undefined;
  #closed: Promise<void> | undefined;
  /** What the running read asks for; 0: no read runs, and no record may be asked for. */
  #wanted = 0;
  #onTried: (() => void) | undefined;
  /** First attempts that still last are told of. */
  #isLate = false;

  constructor(prefetch: Prefetch, createDriver: (hooks: DriverHooks<D>) => Driver) {
    this.#prefetch = prefetch;
    this.#driver = createDriver({
      deliver: (delivery) => {
        prefetch.noteArrival(delivery.size);
        this.#arrivals.push(delivery);
        if (this.#isTooMuch()) this.#driver.hold(true);
      },
      discard: (isWorthless) => {
        this.#arrivals.discard(isWorthless);
        if (!this.#isTooMuch()) this.#driver.hold(false);
      },
      changed: () => this.#onChange(),
    });
  }

  async connect(events: SourceEvents, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#events = events;
    await this.#driver.prepare();
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw new Error('connecting to Pulsar: the source is closed');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#onTried = resolve;
    for (const topic of this.#driver.topics) topic.start();
    const late = setTimeout(() => {
      this.#isLate = true;
      if (this.#driver.topics.some(({ isConnected, failure }) => !isConnected && failure === undefined))
        this.#onChange();
    }, this.#driver.unanswered.after);
    try {
      await promise;
    } finally {
      clearTimeout(late);
      this.#onTried = undefined;
      signal.removeEventListener('abort', abort);
    }
  }

  async read(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw new Error('reading from Pulsar: the source is closed');
    this.#wanted = Math.max(1, max);
    this.#request();
    try {
      const taken = await this.#arrivals.take(this.#wanted, signal);
      this.#prefetch.noteRead(taken.length);
      return taken;
    } finally {
      this.#wanted = 0;
      if (!this.#isTooMuch()) this.#driver.hold(false);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all(this.#driver.topics.map((topic) => topic.close()));
    await this.#driver.dispose();
    this.#arrivals.end(new Error('reading from Pulsar: the source was closed'));
  }

  #request(): void {
    const unread = this.#arrivals.length;
    const wanted = Math.max(0, this.#wanted - unread);
    const ahead = Math.max(0, this.#prefetch.records - unread);
    if (wanted > 0 || ahead > 0) this.#driver.request(wanted, ahead);
  }

  /** Records that are much larger than those before them were asked for by count. */
  #isTooMuch(): boolean {
    return this.#arrivals.bytes > this.#prefetch.bytes;
  }

  #onChange(): void {
    const { topics } = this.#driver;
    const tried = topics.every(({ isConnected, failure }) => isConnected || failure !== undefined);
    if (tried && topics.some(({ isConnected }) => isConnected)) this.#onTried?.();
    if (this.#wanted > 0) this.#request();
    const down = topics.filter(({ isConnected }) => !isConnected);
    if (down.length === 0) {
      this.#events?.state(true);
      return;
    }
    // A topic that is still at its first attempt is neither.
    const failures = down.flatMap(({ failure }) => failure ?? (this.#isLate ? this.#driver.unanswered.failure : []));
    const [first] = failures;
    if (first !== undefined) this.#events?.state(false, whyOf(failures), first.reason, outageOf(topics));
  }
}

/** Sentences that one state tells, of however many topics. */
const MOST_SENTENCES = 3;

/** A sentence for each reason. */
function whyOf(failures: readonly Disconnection[]): string {
  const sentences = [...new Set(failures.map(({ why }) => why))];
  const told = sentences.slice(0, MOST_SENTENCES).join('; ');
  return sentences.length > MOST_SENTENCES ? `${told}; other topics aren't connected, either` : told;
}

/** The partitions of the topics that aren't connected now. */
function outageOf(topics: readonly Topic[]): Outage {
  const down = topics
    .filter(({ isConnected }) => !isConnected)
    .map(({ name, silentFor }) => ({ name, partitions: `${name}-partition-`, silentFor }));
  return (partition) =>
    down.find(({ name, partitions }) => partition === name || partition.startsWith(partitions))?.silentFor;
}
