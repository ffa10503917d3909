/** A dispatcher's program on the in-memory broker of the test that forked it: everything but the source is the real one. */
import { readTrigger, runPipeline } from '../pipeline-program.ts';
import { breakSource } from './broken-source.ts';
import { brokerOverChannel } from './channel.ts';
import type { Membership } from './protocol.ts';
import { createMemorySource } from './source.ts';

const { MEMBERSHIP = '{}', MUTANT } = process.env;
const source = createMemorySource({ ...(JSON.parse(MEMBERSHIP) as Membership), connect: brokerOverChannel(process) });
// A test that dies takes its dispatchers with it.
process.on('disconnect', () => process.exit(1));
await runPipeline(readTrigger(), breakSource(source, MUTANT));
