/// <reference path="./pulsar-client.d.ts" />
/** The optional package `pulsar-client`: the few types of it that are used here, and how it is loaded. */
import type { GivenProperties } from './properties.ts';

export interface NativeModule {
  readonly Client: new (config: NativeClientConfig) => NativeClient;
  /** The supplier is called by native code: it must be synchronous and must not throw. */
  readonly AuthenticationToken: new (options: {
    readonly token: () => string;
  }) => object;
}

export interface NativeClientConfig {
  readonly serviceUrl: string;
  readonly authentication?: object;
  readonly tlsTrustCertsFilePath?: string;
  readonly tlsCertificateFilePath?: string;
  readonly tlsPrivateKeyFilePath?: string;
  readonly tlsValidateHostname: boolean;
  readonly tlsAllowInsecureConnection: boolean;
  readonly log: (level: number, file: string, line: number, message: string) => void;
}

export interface NativeClient {
  subscribe(config: NativeConsumerConfig): Promise<NativeConsumer>;
  /** Of a topic without partitions: itself. */
  getPartitionsForTopic(topic: string): Promise<readonly string[]>;
  close(): Promise<null>;
}

export interface NativeConsumerConfig {
  readonly topic: string;
  readonly subscription: string;
  readonly consumerName?: string;
  readonly subscriptionType: 'Exclusive' | 'Failover' | 'Shared' | 'KeyShared';
  readonly subscriptionInitialPosition: 'Earliest' | 'Latest';
  /** Of each partition. */
  readonly receiverQueueSize: number;
  readonly batchIndexAckEnabled: boolean;
  /** `batchReceive` ends at the first of these. */
  readonly batchReceivePolicy: {
    readonly maxNumMessages: number;
    readonly maxNumBytes: number;
    readonly timeoutMs: number;
  };
}

export interface NativeConsumer {
  /** May resolve with none. Can't be cancelled. */
  batchReceive(): Promise<readonly NativeMessage[]>;
  acknowledgeId(id: NativeMessageId): Promise<null>;
  isConnected(): boolean;
  close(): Promise<null>;
}

export interface NativeMessage {
  getMessageId(): NativeMessageId;
  getData(): Buffer;
  /** As properties of an array; throws a RangeError for one named `length` that isn't the length of an array. */
  getProperties(): GivenProperties;
  /** Empty when there is none. */
  getPartitionKey(): string;
  /** Milliseconds since the epoch. */
  getPublishTimestamp(): number;
  /** Milliseconds since the epoch; 0 when there is none. */
  getEventTimestamp(): number;
  getRedeliveryCount(): number;
}

export interface NativeMessageId {
  /** Protobuf `MessageIdData`. */
  serialize(): Buffer;
}

const CURE = 'use the WebSocket API instead: broker "ws://host:8080" or "wss://host:8443" needs no native library';

/** Rejects with an Error that says which package is missing or doesn't work, why, and what to do. */
export async function loadNativeClient(
  load: () => Promise<unknown> = () => import('pulsar-client'),
): Promise<NativeModule> {
  let loaded: unknown;
  try {
    loaded = await load();
  } catch (cause) {
    throw new Error(describe(cause), { cause });
  }
  // A CommonJS package: its exports are the default export.
  const module = (loaded as { readonly default?: NativeModule }).default;
  if (typeof module?.Client === 'function') return module;
  throw new Error(`the package "pulsar-client" has no Client: install version 1.18 or newer of it, or ${CURE}`);
}

function describe(cause: unknown): string {
  const { code = '', message } = cause as { readonly code?: string; readonly message: string };
  const isAbsent = code === 'ERR_MODULE_NOT_FOUND' && message.includes("package 'pulsar-client'");
  const said = message.split('\n', 1)[0];
  if (isAbsent) {
    return (
      'the package "pulsar-client", which pulsar:// needs, isn\'t installed; it is optional, and its installation ' +
      `fetches a native library that may not be reachable: run "npm install pulsar-client", or ${CURE}`
    );
  }
  return (
    `the package "pulsar-client" is installed but its native library doesn't load (${said}): ` +
    `run "npm rebuild pulsar-client" on this machine, or ${CURE}`
  );
}
