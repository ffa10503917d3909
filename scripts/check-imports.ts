/** Fails when a file of the product imports what its part mustn't: `node scripts/check-imports.ts`. */
import { globSync, readFileSync } from 'node:fs';
import { IMPORT_RULES } from './import-rules.ts';
import { brokenRules, findImports } from './imports.ts';

const files = globSync('{api,common,controller,dispatcher,cli}/**/*.ts').sort();
const broken = brokenRules(
  files.flatMap((file) => findImports(file, readFileSync(file, 'utf8'))),
  IMPORT_RULES,
);
for (const line of broken) console.error(line);
console.log(`import rules: ${files.length} files, ${broken.length} problems`);
if (broken.length > 0) process.exitCode = 1;
