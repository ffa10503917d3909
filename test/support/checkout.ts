/** A checkout of its own, with a history of one commit, from which a test packages the chart. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What packaging and installing read. */
const PARTS = ['api', 'common', 'scripts', 'chart', 'deploy', 'package.json', 'crd.yaml', 'LICENSE', '.gitignore'];

const AUTHOR = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };

export interface Checkout {
  readonly folder: string;
  git(...args: readonly string[]): Promise<string>;
  /** Runs make in deploy/; returns what it said, rejects with it. `input` is what is typed. */
  make(args: readonly string[], options?: { env?: Readonly<Record<string, string>>; input?: string }): Promise<string>;
}

/** Makes one of the tree as it is; `more` are further parts of the tree. */
export async function createCheckout(folder: string, more: readonly string[] = []): Promise<Checkout> {
  mkdirSync(folder);
  for (const part of [...PARTS, ...more]) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  const checkout = openCheckout(folder);
  await checkout.git('init', '--quiet', '--initial-branch', 'main');
  await checkout.git('add', '--all');
  await checkout.git('commit', '--quiet', '--message', 'the chart');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return checkout;
}

export async function cloneCheckout({ folder }: Checkout, to: string): Promise<Checkout> {
  await promisify(execFile)('git', ['clone', '--quiet', folder, to]);
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
  return openCheckout(to);
}

function openCheckout(folder: string): Checkout {
  const run = promisify(execFile);
  return {
    folder,
    git: async (...args) => (await run('git', args, { cwd: folder, env: { ...process.env, ...AUTHOR } })).stdout,
    async make(args, { env = {}, input = '' } = {}) {
      const all = ['--no-print-directory', '-C', join(folder, 'deploy'), ...args];
      const running = run('make', all, { env: { ...process.env, ...env }, timeout: 120_000 });
      running.child.stdin?.end(input);
      const said = await running.catch(({ stdout, stderr }) => {
        throw new Error(`make ${args.join(' ')}: ${stdout}${stderr}`);
      });
      return said.stdout + said.stderr;
    },
  };
}
