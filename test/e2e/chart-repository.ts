/** Serves the chart repository of the tree over HTTP, with packages of the chart as it is now. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serveCharts } from '../../scripts/chart-server.ts';

export interface ChartRepository {
  readonly url: string;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** `registry` is where the charts take the images from; `env` names the programs that `make` runs. */
export async function startChartRepository(
  registry: string,
  env: Readonly<Record<string, string>>,
): Promise<ChartRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeless-triggers-charts-'));
  const published = join(ROOT, 'chart-index');
  if (existsSync(published)) await cp(published, folder, { recursive: true });
  const variables = [`CHART_INDEX=${folder}`, `IMAGE_REGISTRY=${registry}`, 'FORCE=1'];
  const make = ['-C', join(ROOT, 'deploy'), 'package', 'index', ...variables];
  await run('make', make, { env: { ...process.env, ...env } });

  const server = await serveCharts(folder);
  return {
    url: `${server.url}/chart-index`,
    async stop() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
