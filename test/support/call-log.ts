/** Records the requests of a function as the ledger wants them: who sent what, when, and whether it was accepted. */
import type { ServerResponse } from 'node:http';
import type { Call } from './ledger.ts';

export interface NewCall {
  readonly id: string;
  readonly eventId: string;
  readonly dispatcher: string;
}

export class CallLog {
  readonly #calls: { -readonly [Field in keyof Call]: Call[Field] }[] = [];
  readonly #attempts = new Map<string, number>();
  readonly #delivered = new Set<string>();
  #open = 0;
  #turn: number | undefined;

  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** Requests without an answer so far. */
  get open(): number {
    return this.#open;
  }

  /** Different records that were accepted. */
  get delivered(): ReadonlySet<string> {
    return this.#delivered;
  }

  attempts(id: string): number {
    return this.#attempts.get(id) ?? 0;
  }

  /** Begins a call that ends with its response, or with its connection. */
  begin({ id, eventId, dispatcher }: NewCall, response: ServerResponse): void {
    const call: { -readonly [Field in keyof Call]: Call[Field] } = {
      id,
      eventId,
      dispatcher,
      start: this.timeOfTurn(),
      delivered: false,
    };
    this.#calls.push(call);
    this.#attempts.set(id, this.attempts(id) + 1);
    this.#open += 1;
    const { socket } = response.req;
    const hungUp = () => {
      call.end = this.timeOfTurn();
    };
    socket.once('end', hungUp);
    response.once('close', () => {
      socket.off('end', hungUp);
      this.#open -= 1;
      call.end ??= now();
      call.delivered = response.writableFinished && response.statusCode >= 200 && response.statusCode < 300;
      if (call.delivered) this.#delivered.add(id);
    });
  }

  /**
   * One time for all that is read in a turn of the event loop: after a stall a turn reads what came in any order, and a caller
   * that hung up before it sent its next request must not look as if both had been open.
   */
  timeOfTurn(): number {
    if (this.#turn === undefined) {
      this.#turn = now();
      setImmediate(() => {
        this.#turn = undefined;
      });
    }
    return this.#turn;
  }
}

const now = (): number => performance.timeOrigin + performance.now();

/** The path under which a dispatcher calls the function, so that its calls can be told from those of others. */
export function pathOf(dispatcher: string): string {
  return `/by/${encodeURIComponent(dispatcher)}`;
}

export function dispatcherOf(path: string): string {
  return decodeURIComponent(path.split('/')[2] ?? '');
}
