/** Writes the packages of the chart into a folder: `make -C deploy package`. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../common/errors.ts';
import { CHART_NAMES, copyChart, LOCAL_REGISTRY, pinnedHelm, sourceEpoch } from './chart-source.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'chart-index' },
    registry: { type: 'string', default: LOCAL_REGISTRY },
    /** Replace an archive of the same version that differs. */
    force: { type: 'boolean', default: false },
  },
});

const scratch = mkdtempSync(join(tmpdir(), 'chart-package-'));
try {
  for (const name of CHART_NAMES) packageChart(name);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function packageChart(name: string): void {
  const helm = pinnedHelm(process.env.HELM || 'helm');
  const copy = join(scratch, name);
  copyChart(copy, { name, registry: values.registry, epoch: sourceEpoch(process.env) });
  helm('package', copy, '--destination', join(scratch, 'out'));
  const version = /^version: (\S+)$/m.exec(readFileSync(join(copy, 'Chart.yaml'), 'utf8'))?.[1];
  const archive = `${name}-${version}.tgz`;
  const target = join(resolve(values.folder), archive);
  const made = join(scratch, 'out', archive);
  if (existsSync(target) && !values.force && !readFileSync(target).equals(readFileSync(made))) {
    throw new Error(
      `packaging: ${archive} is there already and differs. Raise version in Chart.yaml, or, where nobody has it, FORCE=1.`,
    );
  }
  mkdirSync(values.folder, { recursive: true });
  copyFileSync(made, target);
  console.log(target);
}
