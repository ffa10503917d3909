/** Another checkout of the project, whose engine is measured beside this one's: checked, and built as its own code. */
import { execFile } from 'node:child_process';
import { access, readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const PROJECT = 'kubeless-triggers';
const CONFIG = 'tsconfig.bench.json';

/** The given path can't be measured; the message names it and says what to do. */
export class CheckoutError extends Error {
  override readonly name = 'CheckoutError';
}

/**
 * Builds the benchmark of the checkout at this path into its own `bench/dist`, with its own compiler. Answers with its root,
 * absolute. Throws a CheckoutError when it isn't another checkout than `self`, has no dependencies installed, or doesn't
 * build.
 */
export async function buildCheckout(path: string, self: string): Promise<string> {
  const root = resolve(path);
  const problem = (what: string): CheckoutError => new CheckoutError(`--against is "${path}": ${what}`);

  if (!(await exists(root))) throw problem(`there is no folder ${root}; give the root of another checkout`);
  if ((await realpath(root)) === (await realpath(self))) throw problem('that is this checkout; give another one');
  if ((await projectOf(root)) !== PROJECT) {
    throw problem(`not the root of a checkout of ${PROJECT}; give the folder that has its package.json`);
  }
  for (const file of [CONFIG, join('bench', 'engine-loop.ts')]) {
    if (!(await exists(join(root, file)))) throw problem(`that commit has no ${file}; check out a later one`);
  }
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!(await exists(compiler))) throw problem('its dependencies are not installed; run `npm ci` there');
  try {
    await promisify(execFile)(process.execPath, [compiler, '-p', CONFIG], { cwd: root });
  } catch (error) {
    // What execFile rejects with; the compiler's findings are on its standard output.
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as Error & { readonly stdout?: string; readonly stderr?: string };
    throw problem(
      `its benchmark doesn't build; mend or update that checkout\n${`${stdout}${stderr}`.trim() || message}`,
    );
  }
  return root;
}

/** The name in its package.json; undefined where there is none that can be read. */
async function projectOf(root: string): Promise<unknown> {
  try {
    const manifest: { readonly name?: unknown } | null = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    return manifest?.name;
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
