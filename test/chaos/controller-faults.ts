/** `npm run test:controller-faults -- --seeds N [--first S]`: many runs of the controller's fault test, and a total. */
import { startKubernetes } from '../servers/kubernetes/index.ts';
import { planControllerRun } from './controller-plan.ts';
import { type ControllerRunResult, runControllerFaults } from './controller-run.ts';
import { readNumbers } from './numbers.ts';

const { seeds, first } = readNumbers(
  `npm run test:controller-faults -- [options]

  --seeds <n>      so many runs (20)
  --first <n>      the seed of the first (1)`,
  { seeds: 20, first: 1 },
);
const results: ControllerRunResult[] = [];
const server = await startKubernetes({ audit: true, kwok: true });
try {
  for (let seed = first; seed < first + seeds; seed++) {
    const result = await runControllerFaults(server, planControllerRun(seed));
    results.push(result);
    console.log(result.ledger);
  }
} finally {
  await server.stop();
}
console.log(total(results));
process.exitCode = results.every(({ isGood }) => isGood) ? 0 : 1;

function total(runs: readonly ControllerRunResult[]): string {
  const sum = (of: (run: ControllerRunResult) => number) => runs.reduce((figure, run) => figure + of(run), 0);
  const slowest = (kind: string) => {
    const times = runs.flatMap(({ handOvers }) => handOvers.filter(({ after }) => after === kind).map(({ ms }) => ms));
    return `slowest hand-over after ${kind} ${(Math.max(0, ...times) / 1000).toFixed(1)} s`;
  };
  return [
    `total: ${runs.length} runs`,
    `${runs.filter(({ isGood }) => isGood).length} good`,
    `faults ${sum(({ faults }) => faults)}`,
    `${sum(({ seconds }) => seconds).toFixed(0)} s`,
    ...['kill', 'halt', 'terminate'].map(slowest),
    `slowest convergence ${(Math.max(0, ...runs.map(({ converged }) => converged)) / 1000).toFixed(1)} s`,
  ].join('  ');
}
