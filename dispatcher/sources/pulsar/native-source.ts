/** The Pulsar source over the native client, for `pulsar://` and `pulsar+ssl://`. */
import type { PulsarSourceSpec, Trigger } from '../../../api/trigger.ts';
import { createBackoff } from '../../../common/backoff.ts';
import type { Logger } from '../../../common/logger.ts';
import { maskUrl } from '../../../common/mask-url.ts';
import { CLOSING_CONNECTIONS } from '../../../common/stop-times.ts';
import type { Source } from '../source.ts';
import { describeSilence } from './connection-failure.ts';
import type { Credentials } from './credentials.ts';
import { brokerAddress } from './endpoint.ts';
import {
  loadNativeClient,
  type NativeClient,
  type NativeConsumer,
  type NativeConsumerConfig,
  type NativeModule,
} from './native-client.ts';
import { describeNativeError } from './native-failure.ts';
import { NativeQueue } from './native-queue.ts';
import { type NativeDelivery, type NativeTiming, NativeTopic } from './native-topic.ts';
import { bytesAhead, Prefetch } from './prefetch.ts';
import { TIMING } from './timing.ts';
import { type TopicName, uniqueTopics } from './topic-name.ts';
import { createTopicsSource } from './topics-source.ts';

export interface NativeSourceOptions {
  readonly trigger: Trigger;
  readonly credentials: Credentials;
  /** What the broker knows the consumers by; absent: a name of its own. */
  readonly consumerName?: string;
  readonly logger: Logger;
  readonly random?: () => number;
  readonly timing?: NativeTiming;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
  readonly load?: () => Promise<NativeModule>;
}

const NATIVE_TIMING: NativeTiming = {
  check: 5000,
  patience: 60_000,
  closing: CLOSING_CONNECTIONS,
  firstAnswer: TIMING.firstAnswer,
};

/** The most records of one `batchReceive`, and how many milliseconds it waits for them: the most that it adds to a latency. */
const BATCH = 64;
const GATHER = 5;

/** Throws when a topic name can never work; `connect` rejects when the package doesn't load. */
export function createNativeSource(options: NativeSourceOptions): Source {
  const { trigger, credentials, logger, timing = NATIVE_TIMING, load = () => loadNativeClient() } = options;
  const { consumerName, now = () => performance.now(), random } = options;
  const { source } = trigger;
  const address = brokerAddress(source.broker);
  let module: NativeModule | undefined;
  let client: NativeClient | undefined;

  /** Made when it is first needed, because the token may not be readable yet. */
  const clientOf = (): NativeClient => {
    if (module === undefined) throw new Error('the native client was not loaded');
    client ??= new module.Client(clientConfig(module, source, credentials, logger));
    return client;
  };

  const names = uniqueTopics(source.topics);
  const queue = new NativeQueue(trigger);
  const subscribe = async (topic: TopicName, records: number): Promise<NativeConsumer> => {
    const partitions = await clientOf().getPartitionsForTopic(topic.full);
    return clientOf().subscribe(consumerConfig(topic, trigger, records / Math.max(1, partitions.length), consumerName));
  };

  // What is ahead of the reader is in the client's own queue.
  const prefetch = new Prefetch(bytesAhead(trigger), 0, now);
  return createTopicsSource<NativeDelivery>(prefetch, (hooks) => {
    const topics = names.map((topic) => {
      let records = 0;
      return new NativeTopic({
        topic,
        subscribe: () => {
          records = queue.records;
          return subscribe(topic, records / names.length);
        },
        holdsTooMuch: () => queue.isTooLong(records),
        describe: (error) =>
          describeNativeError(error, { broker: address, topic: topic.full, subscription: source.subscription.name }),
        backoff: createBackoff({
          min: TIMING.minBackoff,
          max: TIMING.maxBackoff,
          ...(random !== undefined && { random }),
        }),
        timing,
        now,
        logger,
        hooks: {
          ...hooks,
          deliver: (delivery) => {
            queue.noteArrival(delivery.size);
            hooks.deliver(delivery);
          },
        },
      });
    });
    return {
      topics,
      // The client keeps its own attempts to itself for 30 s.
      unanswered: {
        after: timing.firstAnswer,
        failure: describeSilence(address, timing.firstAnswer, "broker's own port (6650, 6651)"),
      },
      prepare: async () => {
        module = await load();
      },
      request: (wanted) => {
        for (const topic of topics) topic.request(Math.max(1, Math.floor(wanted / topics.length)));
      },
      // The client hands over what it is asked for, and what is behind that is bounded by its receiver queue.
      hold: () => {},
      dispose: async () => {
        await client?.close().catch(() => {});
      },
    };
  });
}

function clientConfig(module: NativeModule, source: PulsarSourceSpec, credentials: Credentials, logger: Logger) {
  const { ca, cert, key } = credentials.tlsFiles();
  const first = credentials.token();
  return {
    serviceUrl: source.broker,
    ...(first !== undefined && {
      authentication: new module.AuthenticationToken({ token: createTokenSupplier(first, credentials, logger) }),
    }),
    ...(ca !== undefined && { tlsTrustCertsFilePath: ca }),
    ...(cert !== undefined && { tlsCertificateFilePath: cert }),
    ...(key !== undefined && { tlsPrivateKeyFilePath: key }),
    tlsValidateHostname: source.tls.verifyHostname,
    tlsAllowInsecureConnection: source.tls.allowInsecure,
    log: (_level: number, file: string, line: number, message: string) =>
      logger.debug({ file, line, said: maskUrl(message) }, 'pulsar-client'),
  };
}

/** Native code waits for the answer: a token that can't be read now is answered with the last good one. */
function createTokenSupplier(first: string, credentials: Credentials, logger: Logger): () => string {
  let last = first;
  return () => {
    try {
      last = credentials.token() ?? last;
    } catch (error) {
      logger.warn({ why: error instanceof Error ? error.message : '' }, 'the token can not be read; the last is used');
    }
    return last;
  };
}

/** With a queue of so many records for each partition, at least one. */
function consumerConfig(
  topic: TopicName,
  trigger: Trigger,
  records: number,
  consumerName?: string,
): NativeConsumerConfig {
  const { name, type, initialPosition } = trigger.source.subscription;
  const receiverQueueSize = Math.max(1, Math.floor(records));
  return {
    topic: topic.full,
    subscription: name,
    ...(consumerName !== undefined && { consumerName }),
    subscriptionType: type === 'Key_Shared' ? 'KeyShared' : type,
    subscriptionInitialPosition: initialPosition === 'earliest' ? 'Earliest' : 'Latest',
    receiverQueueSize,
    batchIndexAckEnabled: true,
    batchReceivePolicy: {
      maxNumMessages: Math.min(receiverQueueSize, BATCH),
      maxNumBytes: bytesAhead(trigger),
      timeoutMs: GATHER,
    },
  };
}
