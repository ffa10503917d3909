/** Writes crd.yaml; with --check it only says whether it is fresh. */
import { renderCrds } from '../api/crd.ts';
import { kinds } from '../api/kinds/index.ts';
import { writeGenerated } from './generated.ts';

const file = new URL('../crd.yaml', import.meta.url);
process.exitCode = writeGenerated(file, renderCrds(kinds), 'crd', process.argv.slice(2));
