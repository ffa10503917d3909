/** Keeps one topic connected: a session at a time, with growing waits between failures. */

import type { Backoff } from '../../../common/backoff.ts';
import { messageOf } from '../../../common/errors.ts';
import type { Logger } from '../../../common/logger.ts';
import type { Disconnection } from '../source.ts';
import { describeEnd, describeError, type FailureContext } from './connection-failure.ts';
import { describeRefusal } from './refusal.ts';
import type { DriverHooks, Topic } from './topics-source.ts';
import type { PulsarDelivery, Session, SessionEnd, SessionEvents } from './websocket-session.ts';

export interface WebSocketTopicOptions {
  /** Opens a session with the credentials of this moment; throws an Error when they can't be read. */
  readonly open: (events: SessionEvents) => Session;
  /** What a failure is described with. */
  readonly context: () => FailureContext;
  readonly backoff: Backoff;
  /** Milliseconds that a session must stand to count as stable. */
  readonly stable: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly logger: Logger;
  readonly hooks: DriverHooks<PulsarDelivery>;
}

export class WebSocketTopic implements Topic {
  failure: Disconnection | undefined;
  silentFor = 0;
  readonly #options: WebSocketTopicOptions;
  #session: Session | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #openedAt = 0;
  #closing = false;

  constructor(options: WebSocketTopicOptions) {
    this.#options = options;
  }

  /** The session, while it is open. */
  get session(): Session | undefined {
    return this.#session?.isOpen ? this.#session : undefined;
  }

  get isConnected(): boolean {
    return this.session !== undefined;
  }

  get name(): string {
    return this.#options.context().topic;
  }

  start(): void {
    if (this.#closing) return;
    try {
      this.#session = this.#options.open({
        open: () => this.#onOpen(),
        delivery: this.#options.hooks.deliver,
        ended: (end) => this.#onEnded(end),
      });
    } catch (error) {
      // It says itself which Secret can't be read and what to do.
      this.#retry({ reason: 'CredentialsUnreadable', why: messageOf(error) });
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#waiting);
    await this.#session?.close();
  }

  #onOpen(): void {
    this.failure = undefined;
    this.#openedAt = this.#options.now();
    this.#options.logger.debug({ topic: this.#options.context().topic }, 'connected to Pulsar');
    this.#options.hooks.changed();
  }

  #onEnded(end: SessionEnd): void {
    const session = this.#session;
    this.#session = undefined;
    this.#options.hooks.discard((delivery) => delivery.session === session);
    if (this.#closing) return;
    // A connection that the broker closed was alive until then; one that broke may have been dead for a while.
    this.silentFor = end.type === 'closed' && end.code !== ABNORMAL ? 0 : (session?.silentFor ?? 0);
    const stood = this.failure === undefined && this.#openedAt > 0 ? this.#options.now() - this.#openedAt : 0;
    if (stood >= this.#options.stable) this.#options.backoff.reset();
    this.#retry(describe(end, this.#options.context()));
  }

  #retry(failure: Disconnection): void {
    const { why } = failure;
    const { topic } = this.#options.context();
    const retryIn = Math.round(this.#options.backoff.next());
    // What the source's state says is logged by the pipeline.
    this.#options.logger.debug({ topic, why, retryIn }, 'not connected to Pulsar');
    this.failure = failure;
    this.#waiting = setTimeout(() => this.start(), retryIn);
    this.#options.hooks.changed();
  }
}

/** The code of a connection that ended without a closing handshake (RFC 6455, 7.4.1). */
const ABNORMAL = 1006;

function describe(end: SessionEnd, context: FailureContext): Disconnection {
  switch (end.type) {
    case 'refused':
      return describeRefusal(end, context);
    case 'error':
      return describeError(end.error, context);
    case 'closed':
      return describeEnd(end.code, end.reason, context);
    case 'dropped':
      return {
        reason: 'ConnectionLost',
        why: `the connection to ${context.broker} for ${context.topic} is made anew: ${end.why}`,
      };
  }
}
