/** The Pulsar source over the WebSocket API: one connection a topic, and never more records than were asked for. */
import type { Trigger } from '../../../api/trigger.ts';
import { createBackoff } from '../../../common/backoff.ts';
import type { Logger } from '../../../common/logger.ts';
import type { Delivery, Source, SourceEvents } from '../source.ts';
import { Arrivals } from './arrivals.ts';
import type { FailureContext } from './connection-failure.ts';
import type { Credentials } from './credentials.ts';
import { brokerAddress, consumerUrl } from './endpoint.ts';
import { grantPermits } from './permits.ts';
import { createNumbering, recordOfFrame } from './record.ts';
import { TIMING, type Timing } from './timing.ts';
import { parseTopicName, type TopicName } from './topic-name.ts';
import { type PulsarDelivery, Session, type SessionEvents } from './websocket-session.ts';
import { TopicConnection } from './websocket-topic.ts';

export interface WebSocketSourceOptions {
  readonly trigger: Trigger;
  readonly credentials: Credentials;
  readonly logger: Logger;
  readonly random?: () => number;
  readonly timing?: Timing;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** Throws when the broker's URL or a topic name can never work. */
export function createWebSocketSource(options: WebSocketSourceOptions): Source {
  return new WebSocketSource(options);
}

class WebSocketSource implements Source {
  readonly #options: Required<Omit<WebSocketSourceOptions, 'random'>> & WebSocketSourceOptions;
  readonly #topics: readonly TopicConnection[];
  readonly #arrivals = new Arrivals<PulsarDelivery>();
  readonly #numbering = createNumbering(Date.now());
  #events: SourceEvents | undefined;
  #closed: Promise<void> | undefined;
  /** What the running read asks for; 0: no read runs, and no record may be asked for. */
  #wanted = 0;
  #connected: boolean | undefined;
  #why: string | undefined;
  #onFirstState: (() => void) | undefined;

  constructor(options: WebSocketSourceOptions) {
    this.#options = { timing: TIMING, now: () => performance.now(), ...options };
    this.#topics = [...new Set(options.trigger.source.topics)].map((name) => this.#createTopic(parseTopicName(name)));
  }

  async connect(events: SourceEvents, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#events = events;
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      this.#onFirstState = () => {
        const tried = this.#topics.every((topic) => topic.session !== undefined || topic.why !== undefined);
        if (!tried || !this.#topics.some((topic) => topic.session !== undefined)) return;
        signal.removeEventListener('abort', abort);
        resolve();
      };
      for (const topic of this.#topics) topic.start();
    });
    this.#onFirstState = undefined;
  }

  async read(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw new Error('reading from Pulsar: the source is closed');
    const wanted = Math.max(1, max);
    this.#wanted = Math.max(0, wanted - this.#arrivals.length);
    this.#grant();
    try {
      return await this.#arrivals.take(wanted, signal);
    } finally {
      this.#wanted = 0;
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all(this.#topics.map((topic) => topic.close()));
    this.#arrivals.end(new Error('reading from Pulsar: the source was closed'));
  }

  #createTopic(topic: TopicName): TopicConnection {
    const { trigger, logger, timing, random, now } = this.#options;
    const { minBackoff: min, maxBackoff: max, stable } = timing;
    let token: string | undefined;
    const { source } = trigger;
    const context = (): FailureContext => ({
      broker: brokerAddress(source.broker),
      topic: topic.full,
      subscription: source.subscription.name,
      now: Date.now(),
      ...(token !== undefined && { token }),
    });
    const url = consumerUrl(source, topic, prefetch(trigger));
    return new TopicConnection({
      open: (events) => {
        token = this.#options.credentials.token();
        return this.#openSession(url, topic, token, events);
      },
      context,
      backoff: createBackoff(random === undefined ? { min, max } : { min, max, random }),
      stable,
      now,
      logger,
      onDelivery: (delivery) => this.#arrivals.push(delivery),
      onEnd: (session) => this.#arrivals.discard((delivery) => delivery.session === session),
      onState: () => this.#onState(),
    });
  }

  #openSession(url: string, topic: TopicName, token: string | undefined, events: SessionEvents): Session {
    const { credentials, timing, now } = this.#options;
    return new Session({
      url,
      ...(token !== undefined && { token }),
      tls: credentials.tls(),
      timing,
      now,
      recordOf: (frame) => recordOfFrame(topic, frame, this.#numbering),
      events,
    });
  }

  #onState(): void {
    this.#onFirstState?.();
    this.#grant();
    const down = this.#topics.find((topic) => topic.session === undefined);
    if (down !== undefined && down.why === undefined) return;
    const connected = down === undefined;
    if (connected === this.#connected && down?.why === this.#why) return;
    this.#connected = connected;
    this.#why = down?.why;
    if (down?.why === undefined) this.#events?.state(true);
    else this.#events?.state(false, down.why);
  }

  #grant(): void {
    if (this.#wanted === 0) return;
    grantPermits(
      this.#topics.flatMap((topic) => topic.session ?? []),
      this.#wanted,
    );
  }
}

/** Where several consumers share a topic, what the proxy holds for one is kept from the others. */
function prefetch({ source, delivery }: Trigger): number {
  const shares = source.subscription.type === 'Shared' || source.subscription.type === 'Key_Shared';
  return shares ? delivery.maxInFlight : delivery.buffer.records;
}
