/** What a command talks to: its input, its output and its errors. */
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../common/errors.ts';

export interface Terminal {
  /** Whether a person reads what is printed. */
  readonly isInteractive: boolean;
  /** All of standard input. */
  input(): Promise<Uint8Array>;
  /** One line of result. */
  print(line: string): void;
  /** One line that isn't a result. */
  complain(line: string): void;
  /** Aborted when results can't be printed any more: a pipe was closed, or a disk is full. */
  readonly broken?: AbortSignal;
}

/** Once for a process. */
export function processTerminal(): Terminal {
  const broken = new AbortController();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (broken.signal.aborted) return;
    broken.abort();
    // Whoever closed a pipe has read enough.
    if (error.code === 'EPIPE') return;
    process.stderr.write(`kubectl-trigger: the output can't be written: ${messageOf(error)}\n`);
    process.on('exit', () => {
      process.exitCode = 1;
    });
  });
  process.stderr.on('error', () => undefined);
  return {
    broken: broken.signal,
    isInteractive: process.stdout.isTTY === true,
    input: () => buffer(process.stdin),
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
  };
}
