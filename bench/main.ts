/** `npm run bench -- [engine|overhead|memory|isolation|pulsar|all|compare] …`: measures, prints tables, keeps results as JSON. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../common/errors.ts';
import { compareWith } from './compare.ts';
import { startFunction } from './function-process.ts';
import { isolation } from './isolation.ts';
import { describeMachine } from './machine.ts';
import { memory } from './memory.ts';
import { buildCheckout, CheckoutError } from './other-checkout.ts';
import { overhead } from './overhead.ts';
import { renderPerformance, type StoredResult } from './performance-page.ts';
import { pulsar } from './pulsar.ts';
import type { Settings, Suite, SuiteResult } from './suite.ts';
import { printTable } from './table.ts';
import { throughput } from './throughput.ts';

const SUITES: readonly Suite[] = [throughput, overhead, memory, isolation, pulsar];
const RESULTS = join('bench', 'results');
const USAGE = `npm run bench -- [${SUITES.map(({ name }) => name).join('|')}|all] [options]
npm run bench -- compare --against <checkout> [--quick] [--cpu-prof]

  compare          this checkout's engine against that of another one, in turns, both of them twice: what the same
                   code differs from itself is noise; not part of all, nor of docs/performance.md
  --against <path> the root of the other checkout: a clone or worktree of another commit, after npm ci there

  --quick          short runs, for a look
  --minutes <n>    minutes of load for the growth of the heap (10; 0.5 with --quick)
  --pulsar         memory over a real Pulsar as well
  --cpu-prof       leave a CPU profile of every measured process in bench/results/profiles
  --write-docs     write docs/performance.md from the results in ${RESULTS}`;

const { values, positionals } = readCommandLine();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const wanted = positionals.length === 0 && !values['write-docs'] ? ['all'] : positionals;
const minutes = Number(values.minutes ?? (values.quick ? 0.5 : 10));
const unknown = wanted.filter((name) => !['all', 'compare', ...SUITES.map((suite) => suite.name)].includes(name));
if (unknown.length > 0) refuse(`unknown: ${unknown.join(' ')}`);
if (wanted.includes('compare') !== (values.against !== undefined)) {
  refuse('compare and --against <checkout> go together: give both or none');
}
if (!(minutes > 0)) refuse(`--minutes is "${values.minutes}": give a number above 0`);

const settings: Settings = {
  quick: values.quick,
  minutes,
  pulsar: values.pulsar,
  measured: { execArgv: values['cpu-prof'] ? ['--cpu-prof', `--cpu-prof-dir=${join(RESULTS, 'profiles')}`] : [] },
  log: (line) => process.stderr.write(`${line}\n`),
};
const other = values.against === undefined ? undefined : await otherCheckout(values.against);
await mkdir(RESULTS, { recursive: true });
let failed = 0;
for (const suite of SUITES) if (wanted.includes('all') || wanted.includes(suite.name)) failed += await run(suite);
if (other !== undefined) failed += await run(compareWith(other));
if (values['write-docs']) {
  await writeFile(join('docs', 'performance.md'), renderPerformance(await readResults()));
  console.log('docs/performance.md is written.');
}
process.exitCode = failed === 0 ? 0 : 1;

function readCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        minutes: { type: 'string' },
        pulsar: { type: 'boolean', default: false },
        against: { type: 'string' },
        'cpu-prof': { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return refuse(messageOf(error));
  }
}

function refuse(why: string): never {
  console.error(`${why}\n\n${USAGE}`);
  process.exit(1);
}

async function otherCheckout(path: string): Promise<string> {
  try {
    return await buildCheckout(path, '.');
  } catch (error) {
    if (!(error instanceof CheckoutError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** Answers with the number of checks that don't hold. */
async function run(suite: Suite): Promise<number> {
  const fn = await startFunction();
  try {
    const result = await suite.run(fn, settings);
    const date = new Date().toISOString();
    const stored: StoredResult = {
      suite: suite.name,
      date,
      quick: settings.quick,
      machine: describeMachine(),
      ...result,
    };
    await writeFile(join(RESULTS, `${suite.name}.json`), `${JSON.stringify(stored, undefined, 2)}\n`);
    const results = [result, ...(result.also ?? [])];
    for (const each of results) print(each);
    return results.flatMap(({ checks }) => checks).filter(({ holds }) => !holds).length;
  } finally {
    await fn.stop();
  }
}

function print({ title, rows, checks }: SuiteResult): void {
  console.log(`\n${title}\n${printTable(rows)}\n`);
  for (const { what, measured, target, holds } of checks) {
    console.log(`${holds ? 'holds' : 'FAILS'}  ${what}: ${measured} (${target})`);
  }
}

async function readResults(): Promise<StoredResult[]> {
  const order = SUITES.map(({ name }) => name);
  const names = (await readdir(RESULTS)).filter((file) => order.some((name) => file === `${name}.json`));
  const texts = await Promise.all(names.map((name) => readFile(join(RESULTS, name), 'utf8')));
  // Written by run(), above.
  const results = texts.map((text) => JSON.parse(text) as StoredResult);
  return results.toSorted((a, b) => order.indexOf(a.suite) - order.indexOf(b.suite));
}
