/** A source that makes its records on the fly, as fast as they are read or at a rate, for measuring what is behind it. */
import type {
  ComparePositions,
  Delivery,
  OrderedSource,
  Source,
  SourceEvents,
  SourceRecord,
} from '../dispatcher/sources/source.ts';

const PARTITION = 'memory://bench/load-partition-0';
const DIGITS = 12;

export interface MemorySourceOptions {
  /** Records go round over this many keys: `key-0`, `key-1`, …, or with another prefix. */
  readonly keys: number;
  readonly prefix?: string;
  /** Bytes of a payload, which is JSON. */
  readonly payload: number;
  /** So many payloads are made beforehand and go round; by default each record has one of its own. */
  readonly prepared?: number;
  /** The most records of one read; 64 by default. */
  readonly chunk?: number;
  /** Records in all; no end by default. */
  readonly total?: number;
  /** Called with a record's number as read() is about to hand it over, and as it is acknowledged. */
  readonly onRead?: (number: number) => void;
  readonly onAck?: (number: number) => void;
}

interface Pace {
  /** Records a second. */
  readonly rate: number;
  /** The number of the first record of this pace, and when it began. */
  readonly from: number;
  readonly began: number;
}

export class MemorySource implements Source, OrderedSource {
  readonly comparePositions: ComparePositions = (a, b) => Number(a) - Number(b);
  readonly #options: MemorySourceOptions;
  readonly #chunk: number;
  readonly #total: number;
  readonly #keys: readonly string[];
  readonly #template: Buffer;
  readonly #prepared: readonly Buffer[];
  readonly #onAck: ((number: number) => void) | undefined;
  #next = 0;
  #acked = 0;
  #held = false;
  #pace: Pace | undefined;
  #wake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MemorySourceOptions) {
    this.#options = options;
    this.#chunk = options.chunk ?? 64;
    this.#total = options.total ?? Number.POSITIVE_INFINITY;
    this.#keys = Array.from({ length: options.keys }, (_, i) => `${options.prefix ?? 'key-'}${i}`);
    this.#template = jsonTemplate(options.payload);
    this.#prepared = Array.from({ length: options.prepared ?? 0 }, (_, number) => this.#payload(number));
    this.#onAck = options.onAck;
  }

  /** Records handed over so far. */
  get handedOver(): number {
    return this.#next;
  }

  get acknowledged(): number {
    return this.#acked;
  }

  /** Hands nothing over until it is called with false. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.#wake?.();
  }

  /** From now on so many records a second, whatever was acknowledged; undefined: as fast as they are read. */
  pace(rate: number | undefined): void {
    this.#pace = rate === undefined ? undefined : { rate, from: this.#next, began: performance.now() };
    this.#wake?.();
  }

  async connect(events: SourceEvents): Promise<void> {
    events.state(true);
  }

  async read(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    while (this.#due() === 0) await this.#more(signal);
    const count = Math.min(max, this.#chunk, this.#due());
    const deliveries: Delivery[] = new Array(count);
    for (let i = 0; i < count; i += 1) deliveries[i] = this.#make(this.#next + i);
    this.#next += count;
    return deliveries;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }

  #due(): number {
    if (this.#held) return 0;
    const left = this.#total - this.#next;
    if (this.#pace === undefined) return left;
    const { rate, from, began } = this.#pace;
    return Math.min(left, from + Math.floor(((performance.now() - began) / 1000) * rate) - this.#next);
  }

  #more(signal: AbortSignal): Promise<void> {
    if (this.#pace !== undefined) this.#timer ??= setInterval(() => this.#due() > 0 && this.#wake?.(), 1);
    return new Promise((resolve, reject) => {
      const aborted = () => reject(signal.reason);
      signal.addEventListener('abort', aborted, { once: true });
      this.#wake = () => {
        this.#wake = undefined;
        signal.removeEventListener('abort', aborted);
        resolve();
      };
      if (signal.aborted) reject(signal.reason);
    });
  }

  #make(number: number): Delivery {
    const payload = this.#prepared[number % this.#prepared.length] ?? this.#payload(number);
    const position = String(number);
    const record: SourceRecord = {
      partition: PARTITION,
      position,
      id: `memory:0:${position}`,
      key: this.#keys[number % this.#keys.length] ?? '',
      time: Date.now(),
      payload,
      attributes: {},
    };
    this.#options.onRead?.(number);
    return new MemoryDelivery(record, number, this.#acknowledge);
  }

  #payload(number: number): Buffer {
    const payload = Buffer.allocUnsafe(this.#template.length);
    this.#template.copy(payload);
    payload.write(String(number).padStart(DIGITS, '0'), 6, DIGITS, 'latin1');
    return payload;
  }

  readonly #acknowledge = (number: number): void => {
    this.#acked += 1;
    this.#onAck?.(number);
  };
}

class MemoryDelivery implements Delivery {
  readonly record: SourceRecord;
  readonly #number: number;
  readonly #acknowledge: (number: number) => void;

  constructor(record: SourceRecord, number: number, acknowledge: (number: number) => void) {
    this.record = record;
    this.#number = number;
    this.#acknowledge = acknowledge;
  }

  ack(): void {
    this.#acknowledge(this.#number);
  }
}

/** `{"n":"000000000000","text":"…"}`, exactly this long; shorter than 64 bytes is made 64. */
function jsonTemplate(length: number): Buffer {
  const empty = JSON.stringify({ n: '0'.repeat(DIGITS), text: '' });
  const text = 'The quick brown fox jumps over the lazy dog; '.repeat(Math.ceil(length / 45) + 2);
  return Buffer.from(`${empty.slice(0, -2)}${text.slice(0, Math.max(64, length) - empty.length)}"}`, 'latin1');
}
