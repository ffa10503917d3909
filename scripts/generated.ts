/** Writes a generated file, or says that the committed one is stale. */
import { readFileSync, writeFileSync } from 'node:fs';

/** With `--check` in `args` nothing is written and the answer is 1 where the file differs; otherwise it is 0. */
export function writeGenerated(file: URL, text: string, command: string, args: readonly string[]): number {
  if (!args.includes('--check')) {
    writeFileSync(file, text);
    return 0;
  }
  const name = file.pathname.slice(new URL('..', import.meta.url).pathname.length);
  if (isFresh(file, text)) return 0;
  console.error(`${name} is stale: run "npm run ${command}" and commit it.`);
  return 1;
}

function isFresh(file: URL, text: string): boolean {
  try {
    return readFileSync(file, 'utf8') === text;
  } catch {
    return false;
  }
}
