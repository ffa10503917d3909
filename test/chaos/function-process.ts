/** The fault test's end of its function: starts the process, follows its progress, tells it to fail. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { History } from '../support/ledger.ts';
import { waitFor } from '../support/wait-for.ts';
import type { FunctionFault } from './schedule.ts';

/** What the test tells the function. */
export type Order =
  | { readonly kind: 'burst'; readonly fault: FunctionFault; readonly calls: number }
  | { readonly kind: 'slow'; readonly by: number }
  | { readonly kind: 'died'; readonly dispatcher: string }
  | { readonly kind: 'report' };

/** What the function tells the test. */
export type Answer =
  | { readonly kind: 'listening'; readonly port: number }
  | ({ readonly kind: 'progress' } & Progress)
  | { readonly kind: 'noted' }
  | ({ readonly kind: 'report' } & Report);

export interface Progress {
  /** Different records accepted so far. */
  readonly delivered: number;
  /** Calls without an answer right now. */
  readonly open: number;
  /** Calls that bursts have spoiled. */
  readonly struck: number;
}

export type Report = Pick<History, 'calls' | 'deaths'>;

export interface FunctionProcess {
  readonly url: string;
  readonly progress: Progress;
  /** The next calls fail in this way. */
  burst(fault: FunctionFault, calls: number): void;
  /** Each call takes so many milliseconds longer from now on. */
  slow(by: number): void;
  /** Notes that a dispatcher is dead; resolves when that is written down. */
  died(dispatcher: string): Promise<void>;
  report(): Promise<Report>;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('function-main.ts', import.meta.url));

export async function startFunctionProcess(seed: number): Promise<FunctionProcess> {
  const child = fork(PROGRAM, [String(seed)], { serialization: 'advanced' });
  let port: number | undefined;
  let progress: Progress = { delivered: 0, open: 0, struck: 0 };
  let onNoted: () => void = () => {};
  let onReport: (report: Report) => void = () => {};
  child.on('message', (message) => {
    const answer = message as Answer;
    if (answer.kind === 'listening') port = answer.port;
    if (answer.kind === 'progress') progress = answer;
    if (answer.kind === 'noted') onNoted();
    if (answer.kind === 'report') onReport(answer);
  });
  const tell = (order: Order) => child.send(order);
  const listening = await waitFor(() => port, { what: 'the function to listen' });
  return {
    url: `http://127.0.0.1:${listening}`,
    get progress() {
      return progress;
    },
    burst: (fault, calls) => tell({ kind: 'burst', fault, calls }),
    slow: (by) => tell({ kind: 'slow', by }),
    died: (dispatcher) =>
      new Promise((resolve) => {
        onNoted = resolve;
        tell({ kind: 'died', dispatcher });
      }),
    report: () =>
      new Promise((resolve) => {
        onReport = resolve;
        tell({ kind: 'report' });
      }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}
