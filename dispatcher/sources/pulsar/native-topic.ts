/**
 * Keeps one topic subscribed with the native client, which reconnects by itself: only when it hasn't for a minute is its
 * consumer closed and a new one made. One `batchReceive` waits at a time, and only while records are wanted.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Backoff } from '../../../common/backoff.ts';
import type { Logger } from '../../../common/logger.ts';
import type { Disconnection, SourceRecord } from '../source.ts';
import { decodeMessageId } from './message-id.ts';
import type { NativeConsumer, NativeMessage, NativeMessageId } from './native-client.ts';
import { type Properties, propertiesOf } from './properties.ts';
import { makeRecord, timeOf } from './record.ts';
import type { TopicName } from './topic-name.ts';
import type { DriverHooks, SizedDelivery, Topic } from './topics-source.ts';

export interface NativeTopicOptions {
  readonly topic: TopicName;
  readonly subscribe: () => Promise<NativeConsumer>;
  /** Whether the client prefetches more than memory allows, and a new consumer would less. */
  readonly holdsTooMuch: () => boolean;
  readonly describe: (error: unknown) => Disconnection;
  readonly backoff: Backoff;
  readonly timing: NativeTiming;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly logger: Logger;
  readonly hooks: DriverHooks<NativeDelivery>;
}

/** Milliseconds. */
export interface NativeTiming {
  /** Between looks at a consumer's connection. */
  readonly check: number;
  /** How long a consumer may be without a connection. */
  readonly patience: number;
  /** Longest wait for acks and for the client at the end. */
  readonly closing: number;
  /** After which a first attempt that still lasts is told of. */
  readonly firstAnswer: number;
}

/** An ack through a consumer that was given up goes nowhere: the broker delivers the record again. */
export class NativeDelivery implements SizedDelivery {
  readonly record: SourceRecord;
  readonly size: number;
  readonly consumer: NativeConsumer;
  readonly #ack: () => void;

  constructor(record: SourceRecord, consumer: NativeConsumer, ack: () => void) {
    this.record = record;
    this.size = sizeOf(record);
    this.consumer = consumer;
    this.#ack = ack;
  }

  ack(): void {
    this.#ack();
  }
}

export class NativeTopic implements Topic {
  failure: Disconnection | undefined;
  isConnected = false;
  silentFor = 0;
  readonly #options: NativeTopicOptions;
  readonly #acks = new Set<Promise<unknown>>();
  #consumer: NativeConsumer | undefined;
  /** Whose `batchReceive` waits; one of a consumer that was given up may never end. */
  #receivingFrom: NativeConsumer | undefined;
  #wanted = 0;
  #lostAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(options: NativeTopicOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.topic.full;
  }

  start(): void {
    void this.#subscribe();
  }

  /** Receives until about `wanted` more records came. */
  request(wanted: number): void {
    this.#wanted = wanted;
    const consumer = this.#consumer;
    if (consumer !== undefined && this.#receivingFrom !== consumer) void this.#receive(consumer);
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    const closed = Promise.allSettled(this.#acks).then(() => this.#consumer?.close());
    // The client waits for a broker that is away.
    await Promise.race([closed.catch(() => {}), delay(this.#options.timing.closing, undefined, { ref: false })]);
  }

  async #subscribe(): Promise<void> {
    try {
      const consumer = await this.#options.subscribe();
      if (this.#closing) {
        await consumer.close();
        return;
      }
      this.#consumer = consumer;
      this.#options.backoff.reset();
      this.#connected();
      this.#schedule(() => this.#check(consumer), this.#options.timing.check);
    } catch (error) {
      if (this.#closing) return;
      this.#disconnected(this.#options.describe(error));
      this.#schedule(() => void this.#subscribe(), this.#options.backoff.next());
    }
  }

  async #receive(consumer: NativeConsumer): Promise<void> {
    this.#receivingFrom = consumer;
    try {
      while (this.#wanted > 0 && this.#consumer === consumer && !this.#closing) {
        const messages = await consumer.batchReceive();
        if (this.#consumer !== consumer || this.#closing) return;
        this.#wanted -= messages.length;
        for (const message of messages) this.#options.hooks.deliver(this.#deliveryOf(message, consumer));
        if (this.#options.holdsTooMuch()) this.#resubscribe(this.#tooMuch());
      }
    } catch (error) {
      if (this.#consumer === consumer && !this.#closing) this.#resubscribe(this.#options.describe(error));
    } finally {
      if (this.#receivingFrom === consumer) this.#receivingFrom = undefined;
    }
  }

  /** Keeps the id and lets go of the message, whose payload is native memory. */
  #deliveryOf(message: NativeMessage, consumer: NativeConsumer): NativeDelivery {
    const id = message.getMessageId();
    const key = message.getPartitionKey();
    const redeliveries = message.getRedeliveryCount();
    const content = {
      time: timeOf(message.getEventTimestamp(), message.getPublishTimestamp()),
      payload: message.getData(),
      ...this.#propertiesOf(message),
      ...(redeliveries > 0 && { redeliveries }),
    };
    const record = makeRecord(
      this.#options.topic,
      decodeMessageId(id.serialize()),
      key === '' ? content : { ...content, key },
    );
    return new NativeDelivery(record, consumer, () => this.#ack(id, consumer));
  }

  /** The client can't hand over properties of which one is named `length` and isn't the length of an array. */
  #propertiesOf(message: NativeMessage): Properties {
    try {
      return propertiesOf(message.getProperties());
    } catch (error) {
      const hint = 'rename the property "length", or use the WebSocket API';
      this.#options.logger.warn({ error: String(error), hint }, 'a record came without its properties');
      return { attributes: {}, incomplete: ['length'] };
    }
  }

  #ack(id: NativeMessageId, consumer: NativeConsumer): void {
    if (this.#consumer !== consumer || this.#closing) return;
    const ack = consumer.acknowledgeId(id).catch((error: unknown) => {
      // It isn't lost: the broker delivers the record again.
      this.#options.logger.debug({ error: String(error) }, 'an acknowledgement failed');
    });
    this.#acks.add(ack);
    void ack.then(() => this.#acks.delete(ack));
  }

  #check(consumer: NativeConsumer): void {
    const { now, timing, topic } = this.#options;
    if (consumer.isConnected()) {
      this.#lostAt = undefined;
      if (!this.isConnected) this.#connected();
    } else {
      this.#lostAt ??= now();
      const failure: Disconnection = {
        reason: 'ConnectionLost',
        // All topics of a broker lose it together: one sentence for all of them.
        why: 'the connection to the broker is lost: the client reconnects as soon as it answers',
      };
      // Whoever looks now and then finds out that late.
      this.#disconnected(failure, timing.check);
    }
    if (this.#lostAt !== undefined && now() - this.#lostAt >= timing.patience) {
      const why = `the connection for ${topic.full} didn't come back: the topic is subscribed anew`;
      this.#resubscribe({ reason: 'ConnectionLost', why });
      return;
    }
    this.#schedule(() => this.#check(consumer), timing.check);
  }

  #resubscribe(failure: Disconnection): void {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#lostAt = undefined;
    this.#options.hooks.discard((delivery) => delivery.consumer === consumer);
    this.#disconnected(failure);
    consumer?.close().catch(() => {});
    this.#schedule(() => void this.#subscribe(), this.#options.backoff.next());
  }

  #tooMuch(): Disconnection {
    const { full } = this.#options.topic;
    const why = `${full} is subscribed anew: its records are so large that the client must prefetch fewer of them`;
    return { reason: 'ConnectionLost', why };
  }

  #schedule(action: () => void, wait: number): void {
    clearTimeout(this.#timer);
    if (!this.#closing) this.#timer = setTimeout(action, wait);
  }

  #connected(): void {
    this.failure = undefined;
    this.isConnected = true;
    this.#options.logger.debug({ topic: this.#options.topic.full }, 'connected to Pulsar');
    this.#options.hooks.changed();
  }

  /** `silentFor`: how long, in milliseconds, it may have been so before it was noticed. */
  #disconnected(failure: Disconnection, silentFor = 0): void {
    const { topic, logger, hooks } = this.#options;
    const { why } = failure;
    if (why === this.failure?.why) return;
    if (this.isConnected) this.silentFor = silentFor;
    this.isConnected = false;
    this.failure = failure;
    logger.debug({ topic: topic.full, why }, 'not connected to Pulsar');
    hooks.changed();
  }
}

function sizeOf({ payload, key = '', attributes }: SourceRecord): number {
  let size = payload.length + key.length;
  for (const name in attributes) size += name.length + (attributes[name]?.length ?? 0);
  return size;
}
