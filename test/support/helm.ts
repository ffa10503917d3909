/** Runs Helm as a test wants it: with its own settings, repositories and caches. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import { kubernetesTools } from '../servers/kubernetes/tools.ts';

/** The chart as it lies in the tree. */
export const CHART = fileURLToPath(new URL('../../chart/kubeless-triggers', import.meta.url));

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into objects of any shape
  readonly [field: string]: any;
}

export interface Helm {
  /** Returns standard output; rejects with standard error. */
  (...args: readonly string[]): Promise<string>;
  /** What `helm template` makes of a chart, without tests' own objects unless asked for. */
  template(...args: readonly string[]): Promise<readonly Manifest[]>;
  /** Variables with which other programs run the same Helm. */
  readonly env: Readonly<Record<string, string>>;
  /** Removes what it remembers. */
  end(): void;
}

export async function createHelm(kubeconfig?: string): Promise<Helm> {
  const { helm: program, kubectl } = await kubernetesTools(['helm', 'kubectl']);
  const folder = mkdtempSync(join(tmpdir(), 'kubeless-triggers-helm-'));
  const env = {
    HELM: program,
    KUBECTL: kubectl,
    HELM_CACHE_HOME: join(folder, 'cache'),
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_DATA_HOME: join(folder, 'data'),
    KUBECONFIG: kubeconfig ?? join(folder, 'none'),
  };
  const run = promisify(execFile);
  const helm = async (...args: readonly string[]) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 16 * 1024 * 1024, timeout: 120_000 };
    const { stdout } = await run(program, args, options).catch((error) => {
      throw new Error(
        `running helm ${args.join(' ')}: ${String(error.stderr || error.stdout || error.message).trim()}`,
      );
    });
    return stdout;
  };
  return Object.assign(helm, {
    env,
    template: async (...args: readonly string[]) => manifests(await helm('template', 'kpt', CHART, ...args)),
    end: () => rmSync(folder, { recursive: true, force: true }),
  });
}

/** The objects of a YAML text. */
export function manifests(yaml: string): readonly Manifest[] {
  // A document between two separators may be empty; the others are what Helm made.
  return loadAll(yaml).filter((each) => each !== null && each !== undefined) as Manifest[];
}
