/** A server process that writes a log file, is signalled by its pid and doesn't outlive the test process. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface GuardedProcess {
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  isRunning(): boolean;
  /** Sends a signal, or has one sent to the process that this one waits for; nothing happens when it has ended already. */
  signal(name: NodeJS.Signals, to?: number): void;
}

export interface GuardedProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The server's data; removed when the test process dies without having stopped the server. */
  readonly folder: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
}

/** Starts a server under the guard. Rejects when the command can't be started. */
export async function startGuarded({ command, args, folder, logFile }: GuardedProcessOptions): Promise<GuardedProcess> {
  const log = await open(logFile, 'a');
  const guard = fork(fileURLToPath(new URL('guard.ts', import.meta.url)), [folder, command, ...args], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  const ended = once(guard, 'exit').then(() => {});
  await log.close();
  const first = await Promise.race([once(guard, 'message'), ended]);
  if (!first) throw new Error(`starting ${command}: ${await lastLines(logFile, 1)}`);
  const { pid } = first[0] as { pid: number };
  // A server that a test forgot to stop doesn't keep the test process; the guard ends it then.
  guard.unref();
  guard.channel?.unref();

  return {
    pid,
    ended: ended,
    isRunning: () => guard.exitCode === null && guard.signalCode === null,
    signal(name, to = pid) {
      if (guard.exitCode !== null || guard.signalCode !== null) return;
      guard.ref();
      process.kill(to, name);
    },
  };
}

/** Returns the last lines of a log file, for an error message. */
export async function lastLines(logFile: string, count: number): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
