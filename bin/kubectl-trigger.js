#!/usr/bin/env node
// Starts the command line: the sources of a checkout, or the built files of a package.
import { existsSync, readFileSync } from 'node:fs';

const NEEDED = 24;
const running = Number(process.versions.node.split('.')[0]);

if (running < NEEDED) {
  console.error(`kubectl-trigger needs Node.js ${NEEDED} or newer, and this is ${process.versions.node}.`);
  process.exitCode = 1;
} else {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const sources = new URL('../cli/main.ts', import.meta.url);
  const built = new URL('../dist/cli/main.js', import.meta.url);
  import(existsSync(sources) ? sources.href : built.href)
    .then(({ main }) => main(process.argv.slice(2), { version }))
    .then((code) => {
      process.exitCode = code;
    });
}
