/** A whole dispatcher for one trigger: source, filter, sinks and pipeline put together. */
import type { Trigger } from '../api/trigger.ts';
import { warningsOf } from '../api/warnings.ts';
import type { Logger } from '../common/logger.ts';
import type { ProxySettings } from '../common/proxy.ts';
import type { Attempt } from './attempt.ts';
import { briefLag, type KnownLag, LagWatch } from './lag-watch.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createPipeline } from './pipeline.ts';
import type { PipelineStatus } from './pipeline-status.ts';
import { createRecordFilter } from './record-filter.ts';
import { createDeadLetter, createSink } from './sinks/index.ts';
import { createSource } from './sources/index.ts';
import type { SecretReader } from './sources/secrets.ts';
import type { Hold } from './sources/source.ts';

export interface DispatcherOptions {
  readonly trigger: Trigger;
  readonly secrets: SecretReader;
  readonly logger: Logger;
  /** Of calls of the function and of the dead letter; none by default. */
  readonly proxy?: ProxySettings;
  /** Called after each attempt, for a terminal. */
  readonly onAttempt?: (attempt: Attempt) => void;
  /** Milliseconds between two looks at what waits at the broker; 15 s by default. */
  readonly lookEvery?: number;
}

export interface DispatcherStatus extends PipelineStatus {
  readonly trigger: { readonly kind: string; readonly name: string; readonly namespace: string };
  readonly lag: KnownLag;
  /** Set while records wait at the broker although they are wanted. */
  readonly heldBack?: Hold;
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
  const { trigger, logger, proxy, onAttempt, lookEvery } = options;
  const source = await createSource(options);
  const deadLetter = await createDeadLetter(trigger, { proxy });
  const filter = createRecordFilter(trigger, () => metrics.filterUndecided());
  for (const { path, message, cure } of warningsOf(trigger)) logger.warn({ path, message, cure }, 'a likely mistake');
  const pipeline = createPipeline({
    trigger,
    source,
    sink: await createSink(trigger, { proxy, onSkippedHeader: () => metrics.headerSkipped() }),
    ...(deadLetter && { deadLetter }),
    ...(filter && { filter }),
    logger,
    isCutOff: () => lagWatch.heldBack?.reason === 'UnacknowledgedLimit',
    onAttempt: (attempt) => {
      metrics.observe(attempt);
      onAttempt?.(attempt);
    },
  });
  const lagWatch = new LagWatch(source, {
    reading: () => pipeline.reading(),
    ...(lookEvery !== undefined && { every: lookEvery }),
    onHold: (hold) => {
      if (hold === undefined) logger.info('no records are held back any more');
      else logger.warn({ ...hold }, 'records wait at the broker although they are wanted');
    },
  });
  const metrics = createMetrics(
    () => pipeline.status(),
    () => lagWatch.lag,
    () => lagWatch.heldBack,
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
    status() {
      const { lag, heldBack } = lagWatch;
      return {
        trigger: { kind, name, namespace },
        ...pipeline.status(),
        lag: briefLag(lag),
        ...(heldBack !== undefined && { heldBack }),
      };
    },
  };
}
