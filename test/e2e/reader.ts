/** Someone at a shell in a checkout of their own, who runs what a page says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createCheckout } from '../support/checkout.ts';
import { freePort } from '../support/free-port.ts';
import { createHelm } from '../support/helm.ts';
import { waitFor } from '../support/wait-for.ts';

export interface Reader {
  /** Opens a new shell in the root of the checkout. */
  begin(): void;
  /** Returns all that the command prints; rejects with it when the command fails. `input` is what is typed. */
  run(command: string, input?: string): Promise<string>;
  /** Starts a command that lasts until Ctrl-C; resolves when it has printed this. */
  start(command: string, printed: RegExp): Promise<Started>;
  /** Presses Ctrl-C wherever something still runs, and removes all files. */
  end(): Promise<void>;
}

export interface Started {
  /** Presses Ctrl-C; resolves with all that was printed when the command has ended. */
  interrupt(): Promise<string>;
}

/** What of the tree the commands read, next to what packaging does. */
const PARTS = ['bin', 'cli', 'controller', 'dispatcher', 'examples'];
/** Where `make serve` listens unless told otherwise. */
const PORT = '8879';
const LONGEST = 180_000;

/** `registry` stands for `registry.example/team`. */
export async function createReader(kubeconfig: string, registry: string): Promise<Reader> {
  const folder = mkdtempSync(join(tmpdir(), 'documentation-'));
  const [directory, state] = [join(folder, 'directory'), join(folder, 'state')];
  const checkout = await createCheckout(join(folder, 'checkout'), PARTS);
  const helm = await createHelm(kubeconfig);
  const { HELM = '', KUBECTL = '', ...folders } = helm.env;
  const port = String(await freePort());
  const started = new Set<Started>();
  const env = {
    ...process.env,
    ...folders,
    PORT: port,
    PATH: [dirname(HELM), dirname(KUBECTL), process.env.PATH].join(':'),
    npm_config_cache: join(folder, 'npm'),
    npm_config_update_notifier: 'false',
  };

  /** In a process group of its own, as a terminal's foreground job is. */
  function shell(command: string): { readonly process: ChildProcess; readonly output: () => string } {
    const text = command.replaceAll('registry.example/team', registry).replaceAll(PORT, port);
    // Variables and the folder are handed on to the next command of the shell.
    const script = `. ${state}; cd "$(cat ${directory})"\n${text}\ncode=$?; pwd >${directory}; export -p >${state}; exit $code`;
    const child = spawn('bash', ['-uo', 'pipefail', '-c', script], { env, detached: true });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    return { process: child, output: () => output };
  }

  const signal = ({ pid }: ChildProcess, name: NodeJS.Signals) => pid !== undefined && process.kill(-pid, name);

  const reader: Reader = {
    begin() {
      writeFileSync(directory, checkout.folder);
      writeFileSync(state, '');
    },
    async run(command, input = '') {
      const { process: child, output } = shell(command);
      const timer = setTimeout(() => signal(child, 'SIGKILL'), LONGEST);
      child.stdin?.end(input);
      const [code] = await once(child, 'close');
      clearTimeout(timer);
      if (code !== 0) throw new Error(`running ${command} in ${readFileSync(directory, 'utf8').trim()}: ${output()}`);
      return output();
    },
    async start(command, printed) {
      const { process: child, output } = shell(command);
      const closed = once(child, 'close');
      const job: Started = {
        async interrupt() {
          started.delete(job);
          if (child.exitCode === null && child.signalCode === null) signal(child, 'SIGINT');
          await closed;
          return output();
        },
      };
      started.add(job);
      await waitFor(() => printed.test(output()), { timeout: 60_000, what: () => `${printed}; it said: ${output()}` });
      return job;
    },
    async end() {
      await Promise.all([...started].map(({ interrupt }) => interrupt()));
      helm.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  reader.begin();
  return reader;
}
