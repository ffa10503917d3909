/**
 * One WebSocket to one topic, from the request to its end. Records come only as they are permitted; acks have no reply.
 *
 *   request ──▶ open ──▶ ended(why)            lost, refused, or asked to by `drop`
 *                 └────▶ closing ──▶ ended     last acks, close frame, the broker's close frame
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ClientOptions, type RawData, WebSocket } from 'ws';
import type { SourceRecord } from '../source.ts';
import type { Frame } from './record.ts';
import type { Refusal } from './refusal.ts';
import type { Timing } from './timing.ts';
import type { SizedDelivery } from './topics-source.ts';

export interface SessionOptions {
  readonly url: string;
  readonly token?: string;
  /** Options for `node:tls`; undefined without TLS. */
  readonly tls: object | undefined;
  readonly timing: Timing;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Makes the record of a frame; throws when it can't. */
  readonly recordOf: (frame: Frame) => SourceRecord;
  readonly events: SessionEvents;
}

export interface SessionEvents {
  open(): void;
  delivery(delivery: PulsarDelivery): void;
  /** Once, whatever happened. */
  ended(end: SessionEnd): void;
}

export type SessionEnd =
  | ({ readonly type: 'refused' } & Refusal)
  | { readonly type: 'error'; readonly error: unknown }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }
  | { readonly type: 'dropped'; readonly why: string };

/** An ack through a session that ended goes nowhere: the broker delivers the record again. */
export class PulsarDelivery implements SizedDelivery {
  readonly record: SourceRecord;
  /** Characters of its frame. */
  readonly size: number;
  readonly session: Session;
  readonly #messageId: string;

  constructor(record: SourceRecord, size: number, session: Session, messageId: string) {
    this.record = record;
    this.size = size;
    this.session = session;
    this.#messageId = messageId;
  }

  ack(): void {
    this.session.ack(this.#messageId);
  }
}

const MAX_FRAME = 256 * 1024 * 1024;
const MAX_REFUSAL_BODY = 16 * 1024;

export class Session {
  /** Records that were permitted and haven't come. */
  outstanding = 0;
  readonly #options: SessionOptions;
  readonly #socket: WebSocket;
  #stream: Socket | undefined;
  #acks: string[] = [];
  #flushing: NodeJS.Timeout | undefined;
  #alive = true;
  #heardAt = 0;
  #ping: NodeJS.Timeout | undefined;
  #ended = false;
  #error: unknown;
  /** When each record of a batch came that isn't acked, oldest first. */
  readonly #batched = new Map<string, number>();

  constructor(options: SessionOptions) {
    this.#options = options;
    const { url, token, tls, timing } = options;
    const settings: ClientOptions & { closeTimeout: number } = {
      ...tls,
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      handshakeTimeout: timing.handshake,
      closeTimeout: timing.closing,
      maxPayload: MAX_FRAME,
      perMessageDeflate: false,
    };
    this.#socket = new WebSocket(url, settings);
    this.#listen();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN && !this.#ended;
  }

  /** Milliseconds since the broker's side was heard of. */
  get silentFor(): number {
    return this.#heardAt === 0 ? 0 : this.#options.now() - this.#heardAt;
  }

  permit(count: number): void {
    this.outstanding += count;
    this.#socket.send(`{"type":"permit","permitMessages":${count}}`);
  }

  /** Leaves together with the other acks of a few milliseconds. */
  ack(messageId: string): void {
    if (!this.isOpen) return;
    this.#batched.delete(messageId);
    this.#acks.push(messageId);
    this.#flushing ??= setTimeout(() => this.#flush(), this.#options.timing.acks);
  }

  /** Takes nothing more off the wire, or goes on: a permit can't be taken back, but the broker's proxy can be made to wait. */
  hold(held: boolean): void {
    if (!this.isOpen || held === this.#socket.isPaused) return;
    if (held) this.#socket.pause();
    else this.#socket.resume();
    // An answer to a ping may be behind what was held.
    this.#heard();
  }

  /** Ends at once, for a connection that is no good any more. */
  drop(why: string): void {
    this.#end({ type: 'dropped', why });
    this.#socket.terminate();
  }

  /** Sends the last acks and the close frame; resolves when the broker answered it, or its time is up. */
  async close(): Promise<void> {
    if (!this.isOpen) {
      this.drop('closed');
      return;
    }
    this.hold(false);
    this.#flush();
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.close(1000);
    await closed;
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('upgrade', (response: IncomingMessage) => {
      this.#stream = response.socket;
    });
    socket.on('open', () => {
      this.#heard();
      this.#ping = setInterval(() => this.#checkLife(), this.#options.timing.ping);
      this.#options.events.open();
    });
    socket.on('message', (data) => this.#onMessage(data));
    socket.on('pong', () => this.#heard());
    socket.on('unexpected-response', (_request, response) => void this.#onRefusal(response));
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', (code, reason) => {
      if (this.#error !== undefined) this.#end({ type: 'error', error: this.#error });
      else this.#end({ type: 'closed', code, reason: reason.toString() });
    });
  }

  #heard(): void {
    this.#alive = true;
    this.#heardAt = this.#options.now();
  }

  #onMessage(data: RawData): void {
    this.#heard();
    if (this.#ended) return;
    let delivery: PulsarDelivery;
    try {
      // The API's frames are JSON text and have a messageId, but for answers to commands that we don't send.
      const text = data.toString();
      const frame = JSON.parse(text) as Frame;
      if (typeof frame.messageId !== 'string') return;
      delivery = new PulsarDelivery(this.#options.recordOf(frame), text.length, this, frame.messageId);
      if (delivery.record.batch !== undefined) this.#noteBatched(frame.messageId);
    } catch (error) {
      this.drop(`a frame isn't understood: ${error instanceof Error ? error.message : error}`);
      return;
    }
    this.outstanding = Math.max(0, this.outstanding - 1);
    this.#options.events.delivery(delivery);
  }

  /** A record that came again goes to the end: the map stays in the order of its times. */
  #noteBatched(messageId: string): void {
    this.#batched.delete(messageId);
    this.#batched.set(messageId, this.#options.now());
  }

  #flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    const acks = this.#acks;
    this.#acks = [];
    if (!this.isOpen) return;
    this.#stream?.cork();
    for (const id of acks) this.#socket.send(`{"messageId":"${id}"}`);
    this.#stream?.uncork();
  }

  #checkLife(): void {
    if (!this.isOpen || this.#socket.isPaused) return;
    const [oldest = Number.POSITIVE_INFINITY] = this.#batched.values();
    if (!this.#alive) {
      this.drop('a ping had no answer');
    } else if (this.#options.now() - oldest > this.#options.timing.batchAge) {
      this.drop('a record of a batch waits for so long that the broker would soon forget its batch');
    } else {
      this.#alive = false;
      this.#socket.ping();
    }
  }

  async #onRefusal(response: IncomingMessage): Promise<void> {
    let body = '';
    try {
      for await (const chunk of response) {
        body += chunk;
        if (body.length > MAX_REFUSAL_BODY) break;
      }
    } catch {
      // The status says enough.
    }
    const { statusCode = 0, headers } = response;
    this.#end({ type: 'refused', status: statusCode, body, ...(headers.location && { location: headers.location }) });
    this.#socket.terminate();
  }

  #end(end: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.outstanding = 0;
    this.#batched.clear();
    clearInterval(this.#ping);
    clearTimeout(this.#flushing);
    this.#options.events.ended(end);
  }
}
