/** Someone at a shell in `deploy/`, with kubectl and Helm of their own, who installs the release. */
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createHelm } from '../support/helm.ts';
import { startChartRepository } from './chart-repository.ts';
import type { Place } from './places.ts';

export interface Operator {
  /** Where the chart repository is served. */
  readonly repositoryUrl: string;
  /** Runs lines of a shell and returns what they print; rejects with what they complain about. */
  sh(script: string): Promise<string>;
  end(): Promise<void>;
}

const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));
const run = promisify(execFile);

export async function createOperator({ cluster, registry }: Pick<Place, 'cluster' | 'registry'>): Promise<Operator> {
  const helm = await createHelm(cluster.kubeconfig);
  const repository = await startChartRepository(registry, helm.env);
  const programs = ['HELM', 'KUBECTL'].map((name) => dirname(helm.env[name] ?? ''));
  const { HELM, KUBECTL, ...folders } = helm.env;
  const env = { ...process.env, ...folders, PATH: [...programs, process.env.PATH].join(':') };
  return {
    repositoryUrl: repository.url,
    async sh(script) {
      const options = { cwd: DEPLOY, env, maxBuffer: 16 * 1024 * 1024, timeout: 180_000 };
      const { stdout } = await run('sh', ['-euc', script], options).catch((cause) => {
        throw new Error(`running ${script.trim()}: ${`${cause.stdout}${cause.stderr}`.trim()}`, { cause });
      });
      return stdout;
    },
    async end() {
      helm.end();
      await repository.stop();
    },
  };
}
