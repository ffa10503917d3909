/** A pipeline over a source and a sink that a unit test plays itself. */
import type { DeliverySpec, Trigger } from '../../../api/trigger.ts';
import { createLogger } from '../../../common/logger.ts';
import type { Outcome } from '../../../dispatcher/outcome.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from '../../../dispatcher/pipeline.ts';
import type { DeadLetterSink, Failure, Sink } from '../../../dispatcher/sinks/sink.ts';
import type { Delivery, Source, SourceEvents, SourceRecord } from '../../../dispatcher/sources/source.ts';
import { type FakeDelivery, fakeDelivery } from './fake-delivery.ts';

/** A call of the function that the test answers. */
export interface FakeCall {
  readonly record: SourceRecord;
  readonly signal: AbortSignal;
  answer(outcome?: Outcome): void;
}

export const RETRY: Outcome = { kind: 'retry', reason: 'InternalServerError', message: 'the function answered 500' };
export const REJECTED: Outcome = { kind: 'rejected', reason: 'BadRequest', message: 'the function answered 400' };

export class FakePipeline {
  readonly pipeline: Pipeline;
  /** Calls that run, the oldest first. */
  readonly calls: FakeCall[] = [];
  /** Every call ever, as positions. */
  readonly sent: string[] = [];
  readonly stored: { readonly position: string; readonly failure: Failure }[] = [];
  readonly closed: string[] = [];
  storeOutcome: Outcome = { kind: 'delivered' };
  /** Answers each call by itself while set. */
  autoAnswer: ((record: SourceRecord) => Outcome) | undefined;
  events: SourceEvents | undefined;
  readonly #ready: Delivery[] = [];
  #more: (() => void) | undefined;

  constructor(
    delivery: Partial<DeliverySpec> = {},
    options: Partial<PipelineOptions> & {
      readonly ordered?: boolean;
      readonly withDeadLetter?: boolean;
      readonly paused?: boolean;
    } = {},
  ) {
    const { ordered = true, withDeadLetter = false, paused = false, ...rest } = options;
    this.pipeline = createPipeline({
      trigger: { ...triggerWith(delivery), paused },
      source: this.#source(ordered),
      sink: this.#sink(),
      ...(withDeadLetter && { deadLetter: this.#deadLetter() }),
      logger: createLogger('silent'),
      random: () => 0,
      ...rest,
    });
  }

  /** Hands records over; answers with their deliveries. */
  arrive(...positions: readonly (string | [position: string, fields: Partial<SourceRecord>])[]): FakeDelivery[] {
    const deliveries = positions.map((one) => (typeof one === 'string' ? fakeDelivery(one) : fakeDelivery(...one)));
    this.#ready.push(...deliveries);
    this.#more?.();
    return deliveries;
  }

  /** Records handed over and not yet read. */
  get unread(): number {
    return this.#ready.length;
  }

  /** Positions of the calls that run. */
  get running(): readonly string[] {
    return this.calls.map(({ record }) => record.position);
  }

  answer(position: string, outcome?: Outcome): void {
    const call = this.calls.find(({ record }) => record.position === position);
    if (call === undefined) throw new Error(`${position} isn't running; these are: ${this.running.join(', ')}`);
    call.answer(outcome);
  }

  #source(ordered: boolean): Source {
    return {
      connect: async (events) => {
        this.events = events;
        events.state(true);
      },
      read: async (max, signal) => {
        while (this.#ready.length === 0) await this.#arrival(signal);
        return this.#ready.splice(0, max);
      },
      close: async () => {
        this.closed.push('source');
      },
      ...(ordered && { comparePositions: (a: string, b: string) => Number(a) - Number(b) }),
    };
  }

  #arrival(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#more = resolve;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  #sink(): Sink {
    return {
      send: async ([record], signal) => {
        if (record === undefined) throw new Error('a call without a record');
        this.sent.push(record.position);
        if (this.autoAnswer !== undefined) return [this.autoAnswer(record)];
        return [await this.#call(record, signal)];
      },
      close: async () => {
        this.closed.push('sink');
      },
    };
  }

  #call(record: SourceRecord, signal: AbortSignal): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.calls.splice(this.calls.indexOf(call), 1);
        signal.removeEventListener('abort', abort);
      };
      const abort = () => {
        end();
        reject(signal.reason);
      };
      const call: FakeCall = {
        record,
        signal,
        answer(outcome = { kind: 'delivered' }) {
          end();
          resolve(outcome);
        },
      };
      this.calls.push(call);
      signal.addEventListener('abort', abort);
    });
  }

  #deadLetter(): DeadLetterSink {
    return {
      store: async ({ position }, failure) => {
        this.stored.push({ position, failure });
        return this.storeOutcome;
      },
      close: async () => {
        this.closed.push('dead letter');
      },
    };
  }
}

function triggerWith(delivery: Partial<DeliverySpec>): Trigger {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    name: 'fake',
    namespace: 'default',
    source: {
      type: 'pulsar',
      topics: ['t'],
      broker: 'ws://127.0.0.1:1',
      subscription: { name: 's', type: 'Failover', initialPosition: 'latest' },
      tls: { allowInsecure: false, verifyHostname: true },
    },
    function: { url: 'http://127.0.0.1:1' },
    delivery: {
      order: 'key',
      maxInFlight: 8,
      buffer: { records: 64, bytes: 64 * 1024 * 1024 },
      timeout: 60_000,
      retry: { policy: 'exponential', initialDelay: 5, maxDelay: 20, step: 5, jitter: 0 },
      ...delivery,
    },
    filters: [],
    scaling: { replicas: 1 },
    paused: false,
    deployment: {},
  };
}
