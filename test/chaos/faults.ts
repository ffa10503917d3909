/** `npm run test:faults -- --seeds N [--first S] [--records M]`: many runs of the fault test, a line each, and a total. */
import { parseArgs } from 'node:util';
import { startPulsar } from '../servers/pulsar/index.ts';
import { type RunResult, runFaults } from './run.ts';
import { planRun } from './schedule.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    records: { type: 'string', default: '20000' },
  },
});
const results: RunResult[] = [];
const pulsar = await startPulsar();
try {
  const first = Number(values.first);
  for (let seed = first; seed < first + Number(values.seeds); seed++) {
    const result = await runFaults(pulsar, planRun(seed, Number(values.records)));
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
