/** Reads from a source while there is room for what it hands over. A read that fails is tried again after a growing pause. */
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { createBackoff } from '../common/backoff.ts';
import type { Delivery, Source } from './sources/source.ts';

export interface ReaderOptions {
  readonly source: Pick<Source, 'read'>;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  /** How many records to read now. */
  readonly room: () => number;
  readonly onRead: (deliveries: readonly Delivery[]) => void;
  readonly onFailure: (error: unknown) => void;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

/** The pauses after failed reads, in milliseconds. */
const PAUSE = { min: 100, max: 30_000 };

export class Reader {
  readonly #options: ReaderOptions;
  /** A read waits for records. */
  isWaiting = false;
  /** Set while it waits for room. */
  #onRoom: (() => void) | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#onRoom?.(), { once: true });
  }

  /** Resolves when the signal is aborted and no read runs any more. */
  async run(): Promise<void> {
    const { signal, room, random } = this.#options;
    const backoff = createBackoff({ ...PAUSE, random });
    while (!signal.aborted) {
      const wanted = room();
      if (wanted === 0) await this.#roomAgain();
      else if (await this.#read(wanted)) backoff.reset();
      else await delay(backoff.next(), undefined, { signal }).catch(() => {});
    }
  }

  /** There may be room again. */
  noteRoom(): void {
    if (this.#onRoom === undefined || this.#options.room() === 0) return;
    this.#onRoom();
    this.#onRoom = undefined;
  }

  /** Whether records came. */
  async #read(wanted: number): Promise<boolean> {
    const { source, signal, onRead, onFailure } = this.#options;
    this.isWaiting = true;
    try {
      const deliveries = await source.read(wanted, signal);
      this.isWaiting = false;
      // Taken for a failure: a source that answers at once with nothing would be asked without end.
      if (deliveries.length === 0) throw new Error('it handed over no record');
      onRead(deliveries);
      return true;
    } catch (error) {
      this.isWaiting = false;
      if (!signal.aborted) onFailure(error);
      return false;
    }
  }

  async #roomAgain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
    // Lets calls that end in this turn of the event loop make room too, so that reads are few and large.
    await nextTurn();
  }
}
