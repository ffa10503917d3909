/** Serves a chart repository on this machine until Ctrl-C: `make -C deploy serve`. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../common/errors.ts';
import { serveCharts } from './chart-server.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'chart-index' },
    port: { type: 'string', default: '8879' },
  },
});

try {
  const folder = resolve(values.folder);
  if (!existsSync(join(folder, 'index.yaml'))) {
    throw new Error(
      `serving ${folder}: it has no index.yaml. Write it: make -C deploy package index CHART_INDEX=${folder}`,
    );
  }
  const { url } = await serveCharts(folder, Number(values.port)).catch((cause) => {
    throw new Error(`serving ${folder}: ${messageOf(cause)}. Take another port: make -C deploy serve PORT=…`, {
      cause,
    });
  });
  console.log(`${folder} is served at ${url} until Ctrl-C. Add it: make -C deploy repo REPO_URL=${url}`);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
