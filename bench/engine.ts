/** What stands between a source and a function in a real dispatcher, put together for a measured process. */
import { envelopeProfile } from '../api/kinds/index.ts';
import type { Trigger } from '../api/trigger.ts';
import { createLogger } from '../common/logger.ts';
import type { Attempt } from '../dispatcher/attempt.ts';
import { createMetrics } from '../dispatcher/metrics.ts';
import { createPipeline, type Pipeline } from '../dispatcher/pipeline.ts';
import { createFunctionSink } from '../dispatcher/sinks/function/function-sink.ts';
import type { Source } from '../dispatcher/sources/source.ts';

/** A pipeline with the function sink and with the metrics that a dispatcher keeps of each attempt. */
export function createEngine(trigger: Trigger, source: Source, onAttempt?: (attempt: Attempt) => void): Pipeline {
  const pipeline = createPipeline({
    trigger,
    source,
    sink: createFunctionSink({ trigger, profile: envelopeProfile(trigger.kind) }),
    logger: createLogger('error'),
    onAttempt: (attempt) => {
      metrics.observe(attempt);
      onAttempt?.(attempt);
    },
  });
  const metrics = createMetrics(
    () => pipeline.status(),
    () => ({ known: false, why: 'the source is in memory' }),
  );
  return pipeline;
}
