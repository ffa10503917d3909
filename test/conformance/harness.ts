/** What the conformance suite asks of a technology: streams to publish to, and dispatchers that consume them. */
import type { DispatcherProcess } from '../support/dispatcher-process.ts';
import type { Fault } from '../support/faults.ts';

export interface SourceHarness {
  readonly can: Capabilities;
  /** Starts what all streams share; once, before the first test. */
  prepare?(): Promise<void>;
  /** One partition is a plain topic where the technology has that. */
  createStream(options: StreamOptions): Promise<Stream>;
  /** Ends what `prepare` and `createStream` started. */
  close?(): Promise<void>;
}

export interface Capabilities {
  /** Several records in one unit of acknowledgement. */
  readonly producerBatches: boolean;
  /** Consumers share partitions, each key going to one of them. */
  readonly keyShared: boolean;
  /** The broker can go away for a while. */
  readonly restartBroker: boolean;
}

export interface StreamOptions {
  readonly partitions: number;
  /** A broker that this test may restart. */
  readonly ownBroker?: boolean;
}

export interface OutRecord {
  readonly id: string;
  readonly key?: string;
  /** Bytes of the payload, filled up; 0 by default. */
  readonly size?: number;
}

export interface Stream {
  /** In this order; resolves when the broker has them. `batch` is how many make one producer batch, 1 by default. */
  publish(records: readonly OutRecord[], options?: { readonly batch?: number }): Promise<void>;
  /** Starts a dispatcher; all of one stream consume as one subscription or group. */
  start(settings: DispatcherSettings): DispatcherProcess;
  /** Records that the broker doesn't count as acknowledged. */
  backlog(): Promise<number>;
  /** The consumers lose their session; records and positions stay. Resolves when the broker is back. */
  restartBroker(): Promise<void>;
  /** Deletes what the test made on the broker. Idempotent. */
  close(): Promise<void>;
}

export interface DispatcherSettings {
  readonly functionUrl: string;
  /** The block `delivery` of a trigger. */
  readonly delivery: Readonly<Record<string, unknown>>;
  readonly keyShared?: boolean;
  /** `earliest` by default. */
  readonly initialPosition?: 'earliest' | 'latest';
  /** A part of the dispatcher that is broken on purpose. */
  readonly fault?: Fault;
}

/** What the producer puts into a payload, so that the function knows the record. */
export function payloadOf({ id, size = 0 }: OutRecord): Buffer {
  const head = JSON.stringify({ id });
  return Buffer.from(head.length >= size ? head : JSON.stringify({ id, fill: 'x'.repeat(size - head.length) }));
}

export function idOf(payload: Buffer): string {
  return (JSON.parse(payload.toString()) as { id: string }).id;
}
