/** Whether a pipeline's source is connected and can be read, and why not; told to the log once a reason. */
import type { DisconnectReason } from '../api/dispatcher-status.ts';
import { messageOf } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import type { UnexpectedFailures } from './unexpected.ts';

export interface ConnectionStatus {
  readonly connected: boolean;
  /** Why it isn't connected, in one sentence. */
  readonly why?: string;
  /** The same in one word. */
  readonly reason?: DisconnectReason;
}

const UP: ConnectionStatus = { connected: true };

export class Connection {
  readonly #logger: Logger;
  readonly #unexpected: UnexpectedFailures;
  #source: ConnectionStatus = { connected: false };
  /** Why the last read failed; undefined when it didn't. */
  #readFailure: string | undefined;

  constructor(logger: Logger, unexpected: UnexpectedFailures) {
    this.#logger = logger;
    this.#unexpected = unexpected;
  }

  get status(): ConnectionStatus {
    if (!this.#source.connected || this.#readFailure === undefined) return this.#source;
    return { connected: false, why: this.#readFailure, reason: 'Disconnected' };
  }

  /** What the source says of itself. */
  noteState(connected: boolean, why: string | undefined, reason: DisconnectReason | undefined): void {
    const isNews = connected !== this.#source.connected || why !== this.#source.why;
    if (connected) {
      if (isNews) this.#readFailure = undefined;
      this.#source = UP;
      if (isNews) this.#logger.info('connected to the source');
      return;
    }
    this.#source = { connected, ...(why !== undefined && { why }), ...(reason !== undefined && { reason }) };
    if (isNews) this.#logger.warn({ why }, 'not connected to the source');
  }

  noteReadFailure(error: unknown): void {
    this.#unexpected.note('reading from the source', error);
    this.#readFailure = `reading from the source fails: ${messageOf(error)}`;
  }

  noteRead(): void {
    this.#readFailure = undefined;
  }
}
