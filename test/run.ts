/**
 * All tests, as two mochas side by side, about as long as one another: unit tests and those that need a Kubernetes, and the
 * others. Either spends much of its time waiting for its servers. Arguments go to both; the last lines are what failed and the
 * sum: `12 passed, 0 failed, 1 skipped`.
 */
import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const FIGURES = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm;
/** Mocha's list of what failed, with the errors. */
const FAILURES = /^ {2}\d+ failing$[\s\S]*/m;
const MOCHA = fileURLToPath(import.meta.resolve('mocha/bin/mocha.js'));
/** Tests start hundreds of Node programs, which take half as long with this. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url));
/** How a test names what it shares with others of its part. */
const KUBERNETES = /servers\/(kubernetes|chart)|useKubernetes|useEnvironment/;

const files = globSync('test/{unit,integration,conformance,chaos,e2e}/**/*.test.ts').toSorted();
const runsWithKubernetes = (file: string) =>
  file.startsWith('test/unit/') || KUBERNETES.test(readFileSync(file, 'utf8'));
const parts = [files.filter((file) => !runsWithKubernetes(file)), files.filter(runsWithKubernetes)];

const results = await Promise.all(parts.map((part, index) => run(part, index === 0)));
const [passed = 0, failed = 0, skipped = 0] = [0, 1, 2].map((figure) =>
  results.reduce((sum, { figures }) => sum + (figures[figure] ?? 0), 0),
);
for (const { failures } of results) if (failures !== '') console.log(`\n${failures}`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1;

/** Runs one part; what isn't live is printed when it has ended. */
async function run(part: readonly string[], isLive: boolean) {
  const child = spawn(process.execPath, [MOCHA, ...process.argv.slice(2), ...part], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { NODE_COMPILE_CACHE, ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
  });
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', stop).on('SIGINT', stop);
  let output = '';
  const take = (chunk: Buffer) => {
    output += chunk;
    if (isLive) process.stdout.write(chunk);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  process.off('SIGTERM', stop).off('SIGINT', stop);
  if (!isLive) process.stdout.write(output);
  const [, ...figures] = [...output.matchAll(FIGURES)].at(-1) ?? [];
  // A mocha that ended without figures failed before or between its tests.
  const failures = stripVTControlCharacters(output).match(FAILURES)?.[0].replaceAll(FIGURES, '').trimEnd() ?? '';
  return { code, failures, figures: figures.length === 0 ? [0, 1, 0] : figures.map((figure) => Number(figure ?? 0)) };
}
