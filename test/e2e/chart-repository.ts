/** Serves the chart repository of the tree over HTTP, with packages of the chart as it is now. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

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

  const server = createServer(async ({ url = '/' }, response) => {
    const file = await readFile(join(folder, basename(url))).catch(() => undefined);
    response.writeHead(file ? 200 : 404).end(file);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A server that listens on a port has an AddressInfo.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/chart-index`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
