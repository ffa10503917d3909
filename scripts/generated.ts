/** Writes a generated file, or says that the committed one is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/** With `--check` in `args` nothing is written and the answer is 1 where the file differs; otherwise it is 0. */
export function writeGenerated(
  file: URL,
  text: string,
  command: string,
  args: readonly string[],
  complain: (line: string) => void = console.error,
): number {
  if (!args.includes('--check')) {
    writeFileSync(file, text);
    return 0;
  }
  if (isFresh(file, text)) return 0;
  complain(`${basename(file.pathname)} is stale: run "npm run ${command}" and commit it.`);
  return 1;
}

function isFresh(file: URL, text: string): boolean {
  try {
    return readFileSync(file, 'utf8') === text;
  } catch {
    return false;
  }
}
