/** One program of a cluster, which can be killed and started again. */
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { waitFor } from '../../support/wait-for.ts';
import { type GuardedProcess, lastLines, startGuarded } from '../guarded-process.ts';

export interface Component {
  /** Its process, or undefined while it is down. */
  readonly pid: number | undefined;
  readonly logFile: string;
  /** Resolves when it is ready; nothing happens while it runs. Rejects with the end of its log. */
  start(): Promise<void>;
  /** Sends a signal and waits until the process has ended. Default SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export interface ComponentOptions {
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Where the cluster's data and logs are. */
  readonly folder: string;
  /** Finds the process that is meant by signals where the command only starts it elsewhere; gets the command's pid. */
  readonly findProcess?: (pid: number) => Promise<number | undefined>;
  /** Looks once; what it throws counts as not ready. */
  isReady(): Promise<boolean>;
}

const START_TIMEOUT_MS = 60_000;

export function createComponent(options: ComponentOptions): Component {
  const { name, command, folder, isReady, findProcess } = options;
  const [program, ...args] = command;
  const logFile = join(folder, `${name}.log`);
  let running: GuardedProcess | undefined;

  return {
    logFile,
    get pid() {
      return running?.isRunning() ? running.pid : undefined;
    },
    async start() {
      if (running?.isRunning()) return;
      const started = await startGuarded({ command: program, args, folder, logFile });
      running = started;
      const state = await waitFor(
        async () => {
          if (!started.isRunning()) return 'ended';
          return (await isReady()) && 'ready';
        },
        { timeout: START_TIMEOUT_MS, interval: 50, what: `${name} to be ready` },
      ).catch(async (error) => {
        throw new Error(`starting ${name}: it isn't ready\n${await lastLines(logFile, 20)}`, { cause: error });
      });
      if (state === 'ended') throw new Error(`starting ${name}: it ended\n${await lastLines(logFile, 20)}`);
    },
    async kill(signal = 'SIGKILL') {
      running?.signal(signal, running.isRunning() ? await findProcess?.(running.pid) : undefined);
      await running?.ended;
      running = undefined;
    },
  };
}

/** Health is public, and the controller manager's certificate is one that it signs itself. */
const anyCertificate = new Agent({ connect: { rejectUnauthorized: false } });

/** Whether a GET is answered 200; rejects when there is no answer. */
export async function answersOk(url: string): Promise<boolean> {
  const { statusCode, body } = await request(url, { dispatcher: anyCertificate, headersTimeout: 5_000 });
  await body.dump();
  return statusCode === 200;
}
