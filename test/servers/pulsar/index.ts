/** Starts a real Apache Pulsar (standalone, with its WebSocket service) on loopback. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../support/free-port.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type GuardedProcess, lastLines, startGuarded } from '../guarded-process.ts';
import { classArchive } from './class-archive.ts';
import { fetchLibraries, findJava, type Java } from './libraries.ts';
import { javaArguments, renderSettings } from './settings.ts';
import { createTokenKey } from './token.ts';

/** Where a Pulsar is reached. */
export interface PulsarEndpoint {
  /** `ws://127.0.0.1:P`, without a path. */
  readonly wsUrl: string;
  /** `http://127.0.0.1:P`, without a path. */
  readonly adminUrl: string;
  /** `pulsar://127.0.0.1:P`, for native clients. */
  readonly serviceUrl: string;
  /** A super-user's token, when the server asks for one. */
  readonly adminToken?: string;
}

/** A Pulsar of our own. Ports, tokens and data stay the same over `stop`-less restarts. */
export interface PulsarServer extends PulsarEndpoint {
  /** The Java process, or undefined while it is down. */
  readonly pid: number | undefined;
  readonly logFile: string;
  /** A token for `subject`; only with `tokenAuth`. Negative seconds make one that has expired. */
  token(subject: string, expiresInSeconds?: number): string;
  /** Sends a signal and waits until the process has ended. The data stays. Default SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts again after `kill`; resolves when the broker is healthy. */
  start(): Promise<void>;
  /** `kill`, then `start`. Default SIGTERM, which takes ~4 s to end; SIGKILL is at once. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the process and removes its data. Idempotent. */
  stop(): Promise<void>;
}

export interface PulsarOptions {
  /** Every client has to bring a token. `admin` may do anything, others what they are granted. */
  readonly tokenAuth?: boolean;
  /** What it listens on, where pods shall reach it. Default 127.0.0.1. */
  readonly address?: string;
  /** Java compiles as well as it can, for measuring; it then starts slower. Default false. */
  readonly optimize?: boolean;
}

const START_TIMEOUT_MS = 300_000;
/** A new standalone makes its default namespace when its broker is healthy already. */
const READY_WHEN = ['brokers/health', 'namespaces/public/default'];

/** Starts a Pulsar and resolves when it is healthy. What is missing on the machine is one sentence with its cure. */
export async function startPulsar(options: PulsarOptions = {}): Promise<PulsarServer> {
  const java = await findJava();
  const libraries = await fetchLibraries();
  const archive = await classArchive(java, async (argument) => {
    const server = await launch({}, java, libraries, [argument]);
    await server.kill('SIGTERM');
    await server.stop();
  });
  return launch(options, java, libraries, options.optimize ? [archive] : [archive, QUICK_COMPILER]);
}

/** Most servers of tests are gone before code that is compiled twice has paid. */
const QUICK_COMPILER = '-XX:TieredStopAtLevel=1';

async function launch(
  { tokenAuth = false, address = '127.0.0.1' }: PulsarOptions,
  java: Java,
  libraries: string,
  more: readonly string[],
): Promise<PulsarServer> {
  const [brokerPort = 0, webPort = 0] = await freePorts(2);
  const tokenKey = tokenAuth ? createTokenKey() : undefined;
  const adminToken = tokenKey?.token('admin');
  const adminUrl = `http://${address}:${webPort}`;
  const data = await mkdtemp(join(tmpdir(), 'kubeless-triggers-pulsar-'));
  const logFile = join(data, 'pulsar.log');
  const settings = join(data, 'standalone.conf');
  await writeFile(settings, renderSettings({ address, brokerPort, webPort, ...(tokenKey ? { tokenKey } : {}) }), {
    mode: 0o600,
  });
  const log4j = fileURLToPath(new URL('log4j2.xml', import.meta.url));
  const args = javaArguments({ libraries, log4j, settings, data }, more);
  let running: GuardedProcess | undefined;

  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    running?.signal(signal);
    await running?.ended;
    running = undefined;
  };

  const start = async () => {
    if (running?.isRunning()) return;
    const process = await startGuarded({ command: java.command, args, folder: data, logFile });
    running = process;
    const headers = adminToken ? { authorization: `Bearer ${adminToken}` } : {};
    const isHealthy = async () => {
      if (!process.isRunning()) return 'ended';
      for (const path of READY_WHEN) {
        const { ok } = await fetch(`${adminUrl}/admin/v2/${path}`, { headers, signal: AbortSignal.timeout(5_000) });
        if (!ok) return false;
      }
      return 'healthy';
    };
    const what = `Pulsar at ${adminUrl} to be healthy`;
    const state = await waitFor(isHealthy, { timeout: START_TIMEOUT_MS, interval: 100, what });
    if (state === 'ended') throw new Error(`starting Pulsar: it ended\n${await lastLines(logFile, 30)}`);
  };

  const stop = async () => {
    await kill('SIGKILL');
    await rm(data, { recursive: true, force: true });
  };

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    wsUrl: `ws://${address}:${webPort}`,
    adminUrl,
    serviceUrl: `pulsar://${address}:${brokerPort}`,
    ...(adminToken ? { adminToken } : {}),
    logFile,
    get pid() {
      return running?.isRunning() ? running.pid : undefined;
    },
    token(subject, expiresInSeconds) {
      if (!tokenKey) throw new Error('making a token: this Pulsar was started without tokenAuth');
      return tokenKey.token(subject, expiresInSeconds);
    },
    kill,
    start,
    async restart(signal = 'SIGTERM') {
      await kill(signal);
      await start();
    },
    stop,
  };
}
