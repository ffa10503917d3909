/** The chart as it is packaged: one source, two names, the same bytes on every machine. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, lstatSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CHART = fileURLToPath(new URL('../chart/kubeless-triggers', import.meta.url));

/** The second is that of the original chart, whose releases it upgrades in place. */
export const CHART_NAMES = ['kubeless-triggers', 'kubeless-pulsar-trigger'] as const;

/** Where images are when nobody said: no registry, so nothing that a stranger could own. */
export const LOCAL_REGISTRY = 'localhost';

/** Compression and the order of files differ between Helm's versions. */
const HELM = 'v4.2.';

export interface Copy {
  readonly name: string;
  /** Stands for `localhost` in the default names of images. */
  readonly registry: string;
  /** Seconds; the time of every file. */
  readonly epoch: number;
}

/** Copies the chart to the folder `to`, which isn't there yet. */
export function copyChart(to: string, { name, registry, epoch }: Copy): void {
  cpSync(CHART, to, { recursive: true });
  rewrite(join(to, 'Chart.yaml'), (text) => text.replace(/^name: .*$/m, `name: ${name}`));
  for (const file of ['values.yaml', 'README.md', 'files/defaults.yaml']) {
    rewrite(join(to, file), (text) =>
      text.replaceAll(`${LOCAL_REGISTRY}/kubeless-triggers-`, `${registry}/kubeless-triggers-`),
    );
  }
  settle(to, epoch);
}

/** Seconds: `SOURCE_DATE_EPOCH`, or the time of the last commit that touched the chart. */
export function sourceEpoch(env: Readonly<Record<string, string | undefined>>): number {
  const given = env.SOURCE_DATE_EPOCH;
  if (given !== undefined && given !== '') {
    if (/^\d+$/.test(given)) return Number(given);
    throw new Error(`packaging: SOURCE_DATE_EPOCH is ${JSON.stringify(given)}. Write seconds since 1970.`);
  }
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: CHART, encoding: 'utf8' }).trim();
  if (git('rev-parse', '--is-shallow-repository') === 'true') {
    throw new Error("packaging: a shallow clone doesn't know the chart's last commit. Run git fetch --unshallow.");
  }
  const said = git('log', '-1', '--format=%ct', '--', CHART);
  if (said !== '') return Number(said);
  throw new Error('packaging: no commit has the chart. Commit it, or set SOURCE_DATE_EPOCH.');
}

/** Runs Helm and returns its standard output. Throws when it is of another minor version. */
export function pinnedHelm(program: string): (...args: readonly string[]) => string {
  const run = (...args: readonly string[]) => execFileSync(program, args, { encoding: 'utf8' });
  const version = run('version', '--template', '{{.Version}}');
  if (version.startsWith(HELM)) return run;
  throw new Error(`packaging: ${program} is ${version}, and other versions write other bytes. Set HELM to a ${HELM}x.`);
}

function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

/** Gives everything below one time and its usual mode. */
function settle(path: string, epoch: number): void {
  const isFolder = lstatSync(path).isDirectory();
  for (const name of isFolder ? readdirSync(path) : []) settle(join(path, name), epoch);
  chmodSync(path, isFolder ? 0o755 : 0o644);
  utimesSync(path, epoch, epoch);
}
