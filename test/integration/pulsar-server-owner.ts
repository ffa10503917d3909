/** A process that starts a Pulsar, tells its pid, and waits to be killed. */
import { startPulsar } from '../servers/pulsar/index.ts';

const { pid, logFile } = await startPulsar();
process.send?.({ pid, logFile });
