/** Keeps the ledger of a run that went wrong, to be read afterwards. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Findings, type History, summarise } from './ledger.ts';

const FOLDER = fileURLToPath(new URL('../ledgers/', import.meta.url));

/** Writes the findings and every call, one JSON line each, and returns the file's path. */
export async function keepLedger(name: string, history: History, findings: Findings): Promise<string> {
  const file = join(FOLDER, `${name}-${new Date().toISOString().replaceAll(':', '')}-${process.pid}.jsonl`);
  const lanes = new Map(history.published.map(({ id, lane }, index) => [id, { lane, index }]));
  const lines = [
    { summary: summarise(findings).split('\n') },
    { deaths: Object.fromEntries(history.deaths) },
    ...history.calls.map((call) => ({ ...call, ...lanes.get(call.id) })),
  ];
  await mkdir(FOLDER, { recursive: true });
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}
