/** Writes docs/configuration.md; with --check it only says whether it is fresh. */
import { kinds } from '../api/kinds/index.ts';
import { renderPage } from './configuration-page.ts';
import { ORIGINAL_VARIABLES, VARIABLES } from './environment.ts';
import { writeGenerated } from './generated.ts';

const file = new URL('../docs/configuration.md', import.meta.url);
const page = renderPage({ kinds, variables: VARIABLES, originalVariables: ORIGINAL_VARIABLES });
process.exitCode = writeGenerated(file, page, 'configuration', process.argv.slice(2));
