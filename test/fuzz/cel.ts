/** `npm run test:cel -- [--expressions N] [--seed S]`: no CEL expression takes more than 5 ms of CPU on any record. */
import { parseArgs } from 'node:util';
import { fuzzCel } from './cel-expressions.ts';

const MOST_MILLISECONDS = 5;

const { values } = parseArgs({
  options: { expressions: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
});
const { judged, refused, longest, by } = fuzzCel(Number(values.expressions), Number(values.seed), 1);
console.log(`${judged} expressions judged, ${refused} refused; the longest took ${longest.toFixed(2)} ms: ${by}`);
process.exitCode = longest > MOST_MILLISECONDS ? 1 : 0;
