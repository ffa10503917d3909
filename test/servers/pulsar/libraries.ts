/** Fetches the jar files of Apache Pulsar with Maven, once per version. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cached } from '../cache.ts';

export const PULSAR_VERSION = '4.2.4';
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const CURE =
  'install a Java runtime of version 17 or newer and Apache Maven (Debian, Ubuntu: openjdk-17-jre-headless maven), ' +
  'or set PULSAR_URL to the web service of a running Pulsar (http://127.0.0.1:8080)';

const run = promisify(execFile);

export interface Java {
  readonly command: string;
  /** E.g. `17.0.15`. */
  readonly version: string;
}

/** Returns the Java of this machine, 17 or newer. Rejects with one sentence when there is none. */
export async function findJava(): Promise<Java> {
  const java = process.env.JAVA_HOME ? `${process.env.JAVA_HOME}/bin/java` : 'java';
  const answer = await run(java, ['-version']).catch(() => undefined);
  if (!answer) throw new Error(`starting Apache Pulsar: there is no Java at '${java}': ${CURE}`);
  const version = /version "([\w.+-]+)/.exec(answer.stderr + answer.stdout)?.[1] ?? 'unknown';
  if (!(Number.parseInt(version, 10) >= 17)) {
    throw new Error(`starting Apache Pulsar: '${java}' is Java ${version}, too old: ${CURE}`);
  }
  return { command: java, version };
}

/** Returns the folder of the server's jar files; the first call on a machine downloads 242 MB. */
export function fetchLibraries(): Promise<string> {
  return cached('pulsar', PULSAR_VERSION, async (folder) => {
    const pom = fileURLToPath(new URL('pom.xml', import.meta.url));
    const settings = [`-Dpulsar.version=${PULSAR_VERSION}`, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'];
    try {
      await run('mvn', ['-B', '-q', '-f', pom, COPY_DEPENDENCIES, ...settings], { maxBuffer: 16 * 1024 * 1024 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        throw new Error(`downloading Apache Pulsar: there is no Maven ('mvn'): ${CURE}`);
      }
      const output = String((error as { stdout?: string }).stdout ?? '').trim();
      throw new Error(`downloading Apache Pulsar ${PULSAR_VERSION} with Maven: ${output || String(error)}`);
    }
  });
}
