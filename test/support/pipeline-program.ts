/** What programs of tests share that run a pipeline over a source of their own: everything but the source is the real one. */
import { decodeTrigger, type Trigger } from '../../api/trigger.ts';
import { createLogger } from '../../common/logger.ts';
import { startProbes } from '../../common/probes.ts';
import { onShutdown } from '../../common/shutdown.ts';
import { LagWatch } from '../../dispatcher/lag-watch.ts';
import { createPipeline } from '../../dispatcher/pipeline.ts';
import { createSink } from '../../dispatcher/sinks/index.ts';
import type { Source } from '../../dispatcher/sources/source.ts';
import { faultySink, faultySource } from './faults.ts';

export function readTrigger(): Trigger {
  const parsed = decodeTrigger(process.env.TRIGGER ?? '');
  if ('problems' in parsed) throw new Error(`reading TRIGGER: ${JSON.stringify(parsed.problems)}`);
  return parsed.trigger;
}

/** Runs until SIGTERM. `FAULT` names a way in which a part is broken on purpose. */
export async function runPipeline(trigger: Trigger, source: Source): Promise<void> {
  const { FAULT } = process.env;
  const logger = createLogger();
  const pipeline = createPipeline({
    trigger,
    source: faultySource(source, FAULT),
    sink: faultySink(await createSink(trigger), FAULT),
    logger,
  });
  const lagWatch = new LagWatch(source);
  const probes = await startProbes({
    port: 0,
    host: '127.0.0.1',
    notReady: () => (pipeline.status().connected ? undefined : 'not connected'),
    metrics: async () => ({ contentType: 'text/plain', body: '' }),
    status: { read: () => ({ ...pipeline.status(), lag: lagWatch.lag }), news: () => '' },
  });
  onShutdown({
    async stop() {
      lagWatch.stop();
      await pipeline.stop();
      await probes.close();
    },
  });
  logger.info({ probes: probes.port }, 'started');
  await pipeline.start();
  void lagWatch.start();
}
