/** Writes what the chart and deploy/ take over from elsewhere; with --check it only says whether that is fresh. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { renderCrds } from '../api/crd.ts';
import { kinds } from '../api/kinds/index.ts';
import { renderDefaults } from './chart-defaults.ts';
import { renderReadme } from './chart-readme.ts';
import { writeGenerated } from './generated.ts';

const root = new URL('../', import.meta.url);
const chart = new URL('chart/kubeless-triggers/', root);
const args = process.argv.slice(2);

const values = readFileSync(new URL('values.yaml', chart), 'utf8');
// Chart.yaml has it, and more.
const about = load(readFileSync(new URL('Chart.yaml', chart), 'utf8')) as { kubeVersion: string };
const files: readonly (readonly [file: URL, text: string])[] = [
  [new URL('deploy/crd.yaml', root), renderCrds(kinds)],
  ...kinds.map((kind) => [new URL(`files/crds/${kind.plural}.yaml`, chart), renderCrds([kind])] as const),
  [new URL('README.md', chart), renderReadme(values, about)],
  [new URL('files/defaults.yaml', chart), renderDefaults(values)],
];
process.exitCode = Math.max(...files.map(([file, text]) => writeGenerated(file, text, 'chart', args)));
