/** A dispatcher in a process of its own, as a pod runs it, that a test can stop or kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PipelineStatus } from '../../dispatcher/pipeline-status.ts';
import { waitFor } from './wait-for.ts';

export interface DispatcherProcessOptions {
  readonly env: Readonly<Record<string, string>>;
  /** The program; `dispatcher/main.ts` by default. */
  readonly program?: string;
  /** The program's own. */
  readonly args?: readonly string[];
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  /** Opens an IPC channel that carries bytes. */
  readonly channel?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DispatcherProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  /** Standard output and standard error so far. */
  readonly output: string;
  /** Resolves when /readyz is 200; rejects with the output when the process ended before. */
  ready(timeout?: number): Promise<void>;
  status(): Promise<PipelineStatus>;
  /** The body of any path that probes and scrapers ask for. */
  get(path: string): Promise<{ readonly code: number; readonly body: string }>;
  /** Sends the signal, SIGKILL by default, and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
}

const MAIN = fileURLToPath(new URL('../../dispatcher/main.ts', import.meta.url));
export const BUILT_MAIN = fileURLToPath(new URL('../../dist/dispatcher/main.js', import.meta.url));

/** The longest that a start may take on a machine that does other work. */
const START_MS = 20_000;

export function startDispatcherProcess(options: DispatcherProcessOptions): DispatcherProcess {
  const { env, program = MAIN, args = [], nodeOptions = [], channel = false } = options;
  const child = spawn(process.execPath, [...nodeOptions, program, ...args], {
    env: { PROBES_PORT: '0', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(channel ? ['ipc' as const] : [])],
    serialization: 'advanced',
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`starting ${program}: it could not be started`);
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const exited = once(child, 'close').then(([code, signal]): Exit => {
    process.off('exit', reap);
    return { code, signal };
  });
  const text = () => output.join('');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  let port: number | undefined;

  const get = async (path: string) => {
    port ??= portOf(text());
    if (port === undefined) throw new Error(`asking the dispatcher for ${path}: it hasn't told its port yet`);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) });
    return { code: response.status, body: await response.text() };
  };

  return {
    pid,
    child,
    exited,
    get output() {
      return text();
    },
    get,
    async ready(timeout = START_MS) {
      const what = () => `the dispatcher to be ready\n${text().slice(-4000)}`;
      const isReady = async () => {
        if (hasEnded()) return 'ended';
        return (await get('/readyz')).code === 200 && 'ready';
      };
      const state = await waitFor(isReady, { timeout, interval: 20, what });
      if (state === 'ended') throw new Error(`starting the dispatcher: it ended\n${text()}`);
    },
    async status() {
      return JSON.parse((await get('/status')).body) as PipelineStatus;
    },
    kill(signal = 'SIGKILL') {
      if (!hasEnded()) process.kill(pid, signal);
      return exited;
    },
  };
}

/** The port stands in the line that says that the dispatcher has started. */
function portOf(output: string): number | undefined {
  const port = /"probes":(\d+)/.exec(output)?.[1];
  return port === undefined ? undefined : Number(port);
}
