/** `npm run test:faults -- --seeds N [--first S] [--records M]`: many runs of the fault test, a line each, and a total. */
import { startPulsar } from '../servers/pulsar/index.ts';
import { readNumbers } from './numbers.ts';
import { type RunResult, runFaults } from './run.ts';
import { planRun } from './schedule.ts';

const { seeds, first, records } = readNumbers(
  `npm run test:faults -- [options]

  --seeds <n>      so many runs (20)
  --first <n>      the seed of the first (1)
  --records <n>    records of each run (20000)`,
  { seeds: 20, first: 1, records: 20_000 },
);
const results: RunResult[] = [];
const pulsar = await startPulsar();
try {
  for (let seed = first; seed < first + seeds; seed++) {
    const result = await runFaults(pulsar, planRun(seed, records));
    results.push(result);
    console.log(result.ledger);
  }
} finally {
  await pulsar.stop();
}
console.log(total(results));
process.exitCode = results.every(({ isGood }) => isGood) ? 0 : 1;

function total(runs: readonly RunResult[]): string {
  const sum = (of: (run: RunResult) => number) => runs.reduce((figure, run) => figure + of(run), 0);
  return [
    `total: ${runs.length} runs`,
    `${runs.filter(({ isGood }) => isGood).length} good`,
    `faults ${sum(({ faults }) => faults)}`,
    `${sum(({ seconds }) => seconds).toFixed(0)} s`,
    `records ${sum(({ findings }) => findings.records)}`,
    `duplicates ${sum(({ findings }) => findings.duplicates)}`,
    `lost ${sum(({ findings }) => findings.lost.length)}`,
    `inversions ${sum(({ findings }) => findings.inversions.length)}`,
    `concurrent ${sum(({ findings }) => findings.concurrent.length)}`,
    `overlapping ${sum(({ findings }) => findings.overlapping.length)}`,
  ].join('  ');
}
