/** docs/performance.md, made of the results of the benchmark. */
import type { Machine } from './machine.ts';
import type { Check, SuiteResult } from './suite.ts';
import { markdownTable } from './table.ts';

export interface StoredResult extends SuiteResult {
  readonly suite: string;
  /** ISO 8601. */
  readonly date: string;
  readonly quick: boolean;
  readonly machine: Machine;
}

export function renderPerformance(results: readonly StoredResult[]): string {
  const [first] = results;
  const machine = first === undefined ? 'No results yet: run `npm run bench -- all`.' : machineOf(first.machine);
  return `${[HEAD, machine, ...results.flatMap(sections)].join('\n\n')}\n`;
}

const HEAD = `<!-- Written by \`npm run bench -- --write-docs\`; not by hand. -->

# Performance

\`npm run bench -- all --write-docs\` builds the code, measures it and writes this page. Figures are compared with a bare
HTTP client loop on the same machine in the same minutes, because absolute ones say more of the machine than of the code.

| run | question |
| --- | --- |
| \`engine\` | How many records a second go through, next to undici alone? At what CPU and memory? |
| \`overhead\` | How long does a record wait for nothing but the dispatcher? |
| \`memory\` | Does the heap grow? What does a function that never answers make the dispatcher hold? (\`--pulsar\`: from a real Pulsar too) |
| \`isolation\` | What do keys that fail or hang cost the others, what do transient failures cost, and does all end in order? |
| \`pulsar\` | How many records a second come from a real Pulsar? |

\`--quick\` is for a look; \`--cpu-prof\` leaves CPU profiles in \`bench/results/profiles\`.`;

function machineOf(machine: Machine): string {
  const { processor, cores, memory, system, node, undici } = machine;
  return `Measured on ${processor}, ${cores} cores, ${memory}, ${system}, Node ${node}, undici ${undici}; load, function and
broker share that machine.`;
}

function sections(result: StoredResult): string[] {
  const when = `${result.date.slice(0, 10)}${result.quick ? ', a quick run: not representative' : ''}`;
  return [result, ...(result.also ?? [])].map((each) => section(each, when));
}

function section(result: SuiteResult, when: string): string {
  const parts = [`## ${result.title}`, `${result.how} (${when})`, markdownTable(result.rows)];
  return [...parts, result.checks.map(printCheck).join('\n')].join('\n\n');
}

function printCheck({ what, measured, target, holds }: Check): string {
  return `- ${holds ? '✓' : '✗'} ${what}: **${measured}** (target ${target})`;
}
