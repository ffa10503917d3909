/** The function's process as a benchmark sees it: started, told how to behave, asked what it saw, stopped. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FaultPlan } from './fault-plan.ts';

export interface FunctionProcess {
  /** `http://127.0.0.1:<port>/` */
  readonly url: string;
  behave(behaviour: Behaviour): Promise<Report>;
  /** The heads of the next requests go into later reports. */
  capture(requests: number): Promise<Report>;
  report(): Promise<Report>;
  stop(): Promise<void>;
}

/** What isn't given is off: the function answers everything at once with 200. */
export interface Behaviour {
  /** Milliseconds before each answer. */
  readonly latency?: number;
  /** Keys that are answered with 503. */
  readonly failing?: readonly string[];
  /** Keys that are never answered. */
  readonly hanging?: readonly string[];
  readonly hangAll?: boolean;
  /** Transient failures of all attempts of the keys that begin with `prefix`; the seed decides which. */
  readonly faults?: FaultPlan & { readonly prefix: string; readonly seed: number };
  /** Counts answers by key, and records that were overtaken or sent twice. */
  readonly ledger?: boolean;
  /** Forgets what the ledger knows of earlier records. */
  readonly fresh?: boolean;
}

/** Counts since the process began, but for `cpuMicros` and `captured`, which are since the last report. */
export interface Report {
  readonly answered: number;
  readonly refused: number;
  readonly held: number;
  readonly inversions: number;
  readonly cpuMicros: number;
  readonly captured: readonly string[];
  readonly answeredOf: Readonly<Record<string, number>>;
}

export type Command =
  | { readonly type: 'behave'; readonly behaviour: Behaviour }
  | { readonly type: 'capture'; readonly requests: number }
  | { readonly type: 'report' };

export type Reply =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'report'; readonly report: Report };

export async function startFunction(): Promise<FunctionProcess> {
  const child = fork(fileURLToPath(new URL(`./function-server${import.meta.url.slice(-3)}`, import.meta.url)), {
    execArgv: ['--max-semi-space-size=16'],
  });
  const first = await nextReply(child);
  if (first.type !== 'listening') throw new Error('starting the function: its first message was not its port');

  // One question at a time: replies carry no number.
  let last: Promise<unknown> = Promise.resolve();
  const ask = (command: Command): Promise<Report> => {
    const answer = last.then(async () => {
      const reply = nextReply(child);
      child.send(command);
      const message = await reply;
      if (message.type !== 'report') throw new Error('asking the function: unexpected reply');
      return message.report;
    });
    last = answer.catch(() => undefined);
    return answer;
  };

  return {
    url: `http://127.0.0.1:${first.port}/`,
    behave: (behaviour) => ask({ type: 'behave', behaviour }),
    capture: (requests) => ask({ type: 'capture', requests }),
    report: () => ask({ type: 'report' }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

async function nextReply(child: ChildProcess): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the function's process ended with code ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      // The other end is function-server.ts, whose messages have this type.
      resolve(message as Reply);
    });
  });
}
