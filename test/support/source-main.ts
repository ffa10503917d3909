/** A dispatcher's program on the trigger's own source, with parts that can be broken on purpose. */
import { createLogger } from '../../common/logger.ts';
import { createSource } from '../../dispatcher/sources/index.ts';
import { createSecretFiles } from '../../dispatcher/sources/secrets.ts';
import { readTrigger, runPipeline } from './pipeline-program.ts';

const trigger = readTrigger();
await runPipeline(trigger, await createSource({ trigger, secrets: createSecretFiles('.'), logger: createLogger() }));
