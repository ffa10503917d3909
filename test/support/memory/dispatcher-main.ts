/** A dispatcher's program on the in-memory broker of the test that forked it: everything but the source is the real one. */
import { decodeTrigger } from '../../../api/trigger.ts';
import { createLogger } from '../../../common/logger.ts';
import { startProbes } from '../../../common/probes.ts';
import { onShutdown } from '../../../common/shutdown.ts';
import { LagWatch } from '../../../dispatcher/lag-watch.ts';
import { createPipeline } from '../../../dispatcher/pipeline.ts';
import { createSink } from '../../../dispatcher/sinks/index.ts';
import { breakSource } from './broken-source.ts';
import { brokerOverChannel } from './channel.ts';
import type { Membership } from './protocol.ts';
import { createMemorySource } from './source.ts';

const { TRIGGER = '', MEMBERSHIP = '{}', MUTANT } = process.env;
const parsed = decodeTrigger(TRIGGER);
if ('problems' in parsed) throw new Error(`reading TRIGGER: ${JSON.stringify(parsed.problems)}`);
const { trigger } = parsed;

const logger = createLogger();
const source = createMemorySource({ ...(JSON.parse(MEMBERSHIP) as Membership), connect: brokerOverChannel(process) });
const pipeline = createPipeline({
  trigger,
  source: breakSource(source, MUTANT),
  sink: await createSink(trigger),
  logger,
});
const lagWatch = new LagWatch(source);
const probes = await startProbes({
  port: 0,
  host: '127.0.0.1',
  notReady: () => (pipeline.status().connected ? undefined : 'not connected'),
  metrics: async () => ({ contentType: 'text/plain', body: '' }),
  status: () => ({ ...pipeline.status(), lag: lagWatch.lag }),
});
// A test that dies takes its dispatchers with it.
process.on('disconnect', () => process.exit(1));
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
