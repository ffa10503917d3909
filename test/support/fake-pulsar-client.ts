/** A double of the part of `pulsar-client` that the native driver uses. */
import type {
  NativeClientConfig,
  NativeConsumer,
  NativeConsumerConfig,
  NativeMessage,
  NativeMessageId,
  NativeModule,
} from '../../dispatcher/sources/pulsar/native-client.ts';

export interface FakeMessage {
  /** Hex of `MessageIdData`. */
  readonly id: string;
  readonly data: string;
  readonly key?: string;
  readonly properties?: Record<string, string>;
  readonly eventTime?: number;
  /** What `getProperties` throws. */
  readonly fails?: Error;
}

/** What the driver did to the client, and what the client does next. */
export class FakePulsarClient {
  readonly consumers: FakePulsarConsumer[] = [];
  /** Errors of the next subscriptions. */
  readonly refusals: string[] = [];
  /** What a subscription waits for, by full topic name. */
  readonly pending = new Map<string, Promise<void>>();
  partitions = 1;
  clientConfig: NativeClientConfig | undefined;
  token: (() => string) | undefined;
  isClosed = false;

  get module(): NativeModule {
    const fake = this;
    return {
      Client: class {
        constructor(config: NativeClientConfig) {
          fake.clientConfig = config;
        }

        async subscribe(config: NativeConsumerConfig): Promise<NativeConsumer> {
          await fake.pending.get(config.topic);
          const refusal = fake.refusals.shift();
          if (refusal !== undefined) throw new Error(refusal);
          const consumer = new FakePulsarConsumer(config);
          fake.consumers.push(consumer);
          return consumer;
        }

        async getPartitionsForTopic(topic: string): Promise<string[]> {
          return Array.from({ length: fake.partitions }, (_, index) => `${topic}-partition-${index}`);
        }

        async close(): Promise<null> {
          fake.isClosed = true;
          return null;
        }
      },
      AuthenticationToken: class {
        constructor({ token }: { token: () => string }) {
          fake.token = token;
        }
      },
    };
  }
}

export class FakePulsarConsumer implements NativeConsumer {
  readonly config: NativeConsumerConfig;
  readonly acked: string[] = [];
  connected = true;
  closed = false;
  holdAcks = false;
  /** Calls of `batchReceive` that wait. */
  receiving = 0;
  #resolve: ((messages: readonly NativeMessage[]) => void) | undefined;

  constructor(config: NativeConsumerConfig) {
    this.config = config;
  }

  send(message: FakeMessage): void {
    if (this.#resolve === undefined) throw new Error('no batchReceive waits');
    this.receiving--;
    this.#resolve([nativeMessage(message)]);
    this.#resolve = undefined;
  }

  batchReceive(): Promise<readonly NativeMessage[]> {
    this.receiving++;
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  acknowledgeId(id: NativeMessageId): Promise<null> {
    this.acked.push(id.serialize().toString('hex'));
    return this.holdAcks ? new Promise(() => {}) : Promise.resolve(null);
  }

  isConnected(): boolean {
    return this.connected;
  }

  async close(): Promise<null> {
    this.closed = true;
    return null;
  }
}

function nativeMessage({ id, data, key = '', properties = {}, eventTime = 0, fails }: FakeMessage): NativeMessage {
  return {
    getMessageId: () => ({ serialize: () => Buffer.from(id, 'hex') }),
    getData: () => Buffer.from(data),
    getProperties: () => {
      if (fails !== undefined) throw fails;
      return properties;
    },
    getPartitionKey: () => key,
    getPublishTimestamp: () => 1,
    getEventTimestamp: () => eventTime,
    getRedeliveryCount: () => 0,
  };
}
