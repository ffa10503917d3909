/** Each measured loop has a process of its own, with the heap limits of a dispatcher's container and its own memory peak. */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HEAP_LIMITS = ['--max-semi-space-size=16', '--max-old-space-size=128'];

/** Processor time and memory of one process over its measured time. */
export interface Used {
  readonly seconds: number;
  /** User and system, all threads. */
  readonly cpuMicros: number;
  /** Bytes resident before the load, and the most that were resident at once. */
  readonly rssIdle: number;
  readonly rssPeak: number;
}

export interface MeasuredOptions {
  /** More flags for node, e.g. `--cpu-prof`. */
  readonly execArgv?: readonly string[];
  /** Acts on what the child says on the way; the child goes on with the answer. */
  readonly onNote?: (note: string) => Promise<unknown>;
  /** The root of another checkout, built, whose own code is run; by default this one's. */
  readonly root?: string;
}

/** One event of a child: what it says on the way, or its result, after which it ends. */
export type Message<T> =
  | { readonly type: 'note'; readonly note: string }
  | { readonly type: 'result'; readonly result: T };

/** Runs `bench/<name>` with these parameters until it answered; a child that ends without an answer is an error. */
export async function runMeasured<P extends object, R>(
  name: string,
  parameters: P,
  options: MeasuredOptions = {},
): Promise<R> {
  const file = fileOf(name, options.root);
  const child = fork(file, { execArgv: [...HEAP_LIMITS, ...(options.execArgv ?? [])] });
  return new Promise((resolve, reject) => {
    child.on('message', (message: Message<R>) => {
      if (message.type === 'result') {
        resolve(message.result);
        // The child waits for this, so that its last message has certainly arrived.
        child.disconnect();
        return;
      }
      Promise.resolve(options.onNote?.(message.note)).then(
        (answer) => child.send({ answer }),
        (error: unknown) => {
          reject(error);
          child.kill();
        },
      );
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`${file} ended with ${signal ?? code} and no result`)));
    child.send(parameters);
  });
}

function fileOf(name: string, root: string | undefined): string {
  if (root !== undefined) return join(root, 'bench', 'dist', 'bench', `${name}.js`);
  return fileURLToPath(new URL(`./${name}${import.meta.url.slice(-3)}`, import.meta.url));
}

/** In the child: says something to the parent and waits for its answer. */
export type Tell = (note: string) => Promise<unknown>;

/** In the child: takes the parameters, measures, sends the result. An error ends the process with its stack on stderr. */
export function measure<P, R>(run: (parameters: P, tell: Tell) => Promise<R>): void {
  process.once('message', (parameters: P) => {
    const tell = (note: string) =>
      new Promise((resolve) => {
        process.once('message', ({ answer }: { readonly answer?: unknown }) => resolve(answer));
        process.send?.({ type: 'note', note });
      });
    run(parameters, tell).then(
      (result) => {
        process.on('disconnect', () => process.exit(0));
        process.send?.({ type: 'result', result });
      },
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}

/** Begins to measure this process; the answer tells what it used since then. */
export function startUsage(): () => Used {
  const rssIdle = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const began = performance.now();
  return () => {
    const used = process.cpuUsage(cpu);
    const seconds = (performance.now() - began) / 1000;
    return { seconds, cpuMicros: used.user + used.system, rssIdle, rssPeak: rssPeak() };
  };
}

/** The kernel's own high-water mark of this process; `maxRSS` would count the parent's pages from before exec. */
export function rssPeak(): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // No /proc on this system: the second-best figure follows.
  }
  return process.resourceUsage().maxRSS * 1024;
}
