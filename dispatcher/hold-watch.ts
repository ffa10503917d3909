/** Tells when records wait at the broker although they are wanted: by what the source knows, otherwise by what is seen. */
import type { KnownLag } from './lag-watch.ts';
import type { Reading } from './pipeline-status.ts';
import { type Hold, isHoldReporter, type Source } from './sources/source.ts';

/** Looks in a row at which nothing had come; with the one before them that is half a minute. */
const STARVING = 2;

export class HoldWatch {
  readonly #source: Source;
  #before: Reading | undefined;
  /** Looks in a row at which nothing had come although records were known to wait. */
  #hungry = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** To be called after each look at the lag; looks are some seconds apart. Never rejects. */
  async look(lag: KnownLag, reading: Reading, signal: AbortSignal): Promise<Hold | undefined> {
    const { connected, paused, wanting, admitted, records } = reading;
    if (!connected || paused) {
      this.#before = undefined;
      this.#hungry = 0;
      return undefined;
    }
    const idle = wanting && this.#before?.wanting === true && admitted === this.#before.admitted;
    this.#before = reading;
    const waiting = waitingOf(lag, records);
    this.#hungry = idle && waiting > 0 ? this.#hungry + 1 : 0;
    const starving = this.#hungry >= STARVING;
    const view = { wanting, idle, starving, received: admitted > 0, records, isInHand: reading.isInHand };
    const said = isHoldReporter(this.#source) ? await this.#source.hold(view, signal) : undefined;
    if (said !== undefined || !starving) return said;
    const why =
      `${waiting} records wait at the broker and are wanted, and none comes: look at the limits of the topic and the ` +
      "subscription there, and at the broker's log";
    return { reason: 'NothingArrives', why };
  }
}

/** Records that could come; a lag that isn't known proves nothing. */
function waitingOf(lag: KnownLag, inHand: number): number {
  if (!lag.known) return 0;
  return lag.partitions.reduce((sum, { own, records }) => sum + (own ?? records), 0) - inHand;
}
