/** A whole dispatcher for one trigger: source, filter, sinks and pipeline put together. */
import type { Trigger } from '../api/trigger.ts';
import type { Logger } from '../common/logger.ts';
import type { Attempt } from './attempt.ts';
import { briefLag, type KnownLag, LagWatch } from './lag-watch.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createPipeline } from './pipeline.ts';
import type { PipelineStatus } from './pipeline-status.ts';
import { createRecordFilter } from './record-filter.ts';
import { createDeadLetter, createSink } from './sinks/index.ts';
import { createSource } from './sources/index.ts';
import type { SecretReader } from './sources/secrets.ts';

export interface DispatcherOptions {
  readonly trigger: Trigger;
  readonly secrets: SecretReader;
  readonly logger: Logger;
  /** Called after each attempt, for a terminal. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

export interface DispatcherStatus extends PipelineStatus {
  readonly trigger: { readonly kind: string; readonly name: string; readonly namespace: string };
  readonly lag: KnownLag;
}

export interface Dispatcher {
  /** Connects and begins to deliver; resolves when the first connection stands, retries until then. */
  start(): Promise<void>;
  /** Stops reading, waits for what runs, flushes acks and closes. Idempotent. */
  stop(): Promise<void>;
  status(): DispatcherStatus;
  readonly metrics: Metrics;
}

/** Small payloads share slabs of memory, and one that waits for its retry holds a whole one: 8 KiB instead of Node's 64. */
const PAYLOAD_SLAB = 8 * 1024;

/** Rejects where a client library that the trigger needs can't be loaded. */
export async function createDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  Buffer.poolSize = PAYLOAD_SLAB;
  const { trigger, logger, onAttempt } = options;
  const source = await createSource(options);
  const deadLetter = await createDeadLetter(trigger);
  const filter = createRecordFilter(trigger, () => metrics.filterUndecided());
  const lagWatch = new LagWatch(source);
  const pipeline = createPipeline({
    trigger,
    source,
    sink: await createSink(trigger, { onSkippedHeader: () => metrics.headerSkipped() }),
    ...(deadLetter && { deadLetter }),
    ...(filter && { filter }),
    logger,
    onAttempt: (attempt) => {
      metrics.observe(attempt);
      onAttempt?.(attempt);
    },
  });
  const metrics = createMetrics(
    () => pipeline.status(),
    () => lagWatch.lag,
  );
  const { kind, name, namespace } = trigger;

  return {
    metrics,
    async start() {
      await pipeline.start();
      void lagWatch.start();
    },
    stop() {
      lagWatch.stop();
      return pipeline.stop();
    },
    status: () => ({ trigger: { kind, name, namespace }, ...pipeline.status(), lag: briefLag(lagWatch.lag) }),
  };
}
