/** Writes what the chart and deploy/ take over from elsewhere; with --check it only says whether that is fresh. */
import { renderCrds } from '../api/crd.ts';
import { kinds } from '../api/kinds/index.ts';
import { writeGenerated } from './generated.ts';

const root = new URL('../', import.meta.url);
const args = process.argv.slice(2);

const files: [path: string, text: string][] = [
  ['deploy/crd.yaml', renderCrds(kinds)],
  ...kinds.map((kind): [string, string] => [
    `chart/kubeless-triggers/files/crds/${kind.plural}.yaml`,
    renderCrds([kind]),
  ]),
];
process.exitCode = Math.max(...files.map(([path, text]) => writeGenerated(new URL(path, root), text, 'chart', args)));
