/** Writes index.yaml beside the packages: `make -C deploy index`. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dump, load } from 'js-yaml';
import { messageOf } from '../common/errors.ts';
import { type Archive, type Index, renderIndex } from './chart-index-entries.ts';
import { pinnedHelm, sourceEpoch } from './chart-source.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'chart-index' },
    /** Replace the entry of a version whose archive differs. */
    force: { type: 'boolean', default: false },
  },
});

try {
  const helm = pinnedHelm(process.env.HELM || 'helm');
  const file = join(values.folder, 'index.yaml');
  // What this program wrote before.
  const before = existsSync(file) ? (load(readFileSync(file, 'utf8')) as Index) : undefined;
  const names = readdirSync(values.folder).filter((name) => name.endsWith('.tgz'));
  const archives = names.map((name): Archive => {
    const path = join(values.folder, name);
    return { file: name, bytes: readFileSync(path), chart: load(helm('show', 'chart', path)) as Archive['chart'] };
  });
  const created = new Date(sourceEpoch(process.env) * 1000).toISOString().replace('.000', '');
  const index = renderIndex({ before, archives, created, replace: values.force });
  writeFileSync(file, dump(index, { lineWidth: 120, noRefs: true }));
  console.log(file);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
