/** The classes of a started Pulsar as Java maps them into memory: a start takes a third of the time and of the processor. */
import { join } from 'node:path';
import { cached } from '../cache.ts';
import { type Java, PULSAR_VERSION } from './libraries.ts';

const FILE = 'classes.jsa';

/**
 * Returns the argument of `java` that uses the archive. The first call on a machine makes it, by a start with the argument
 * that `run` gets and a clean end. An archive that a Java can't use is passed over by it.
 */
export async function classArchive({ version }: Java, run: (argument: string) => Promise<void>): Promise<string> {
  const folder = await cached('pulsar-classes', `${PULSAR_VERSION}-java-${version}`, (made) =>
    run(`-XX:ArchiveClassesAtExit=${join(made, FILE)}`),
  );
  return `-XX:SharedArchiveFile=${join(folder, FILE)}`;
}
