/** What the chart is judged with: kubeconform, kube-score, actionlint and promtool, each fetched once. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { messageOf } from '../../common/errors.ts';
import { cached } from './cache.ts';
import { type CustomResource, schemasOfCrd, schemasOfSwagger } from './chart-schemas.ts';
import { MissingToolsError } from './kubernetes/tools.ts';

/** Built with Go. */
const PROGRAMS = {
  kubeconform: { package: 'github.com/yannh/kubeconform/cmd/kubeconform', version: 'v0.8.0' },
  'kube-score': { package: 'github.com/zegl/kube-score/cmd/kube-score', version: 'v1.20.0' },
  actionlint: { package: 'github.com/rhysd/actionlint/cmd/actionlint', version: 'v1.7.7' },
} as const;

/** Has the CRDs of Prometheus' operator as files. */
const OPERATOR = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';
const MONITORING = ['servicemonitors', 'podmonitors', 'prometheusrules'];

const run = promisify(execFile);

/** The path of a program. Rejects with a `MissingToolsError` where there is no Go. */
export async function goProgram(name: keyof typeof PROGRAMS): Promise<string> {
  const { package: path, version } = PROGRAMS[name];
  const folder = await cached('chart', `${name}-${version}`, async (partial) => {
    await go(['install', '-trimpath', `${path}@${version}`], { GOBIN: partial, CGO_ENABLED: '0' });
  });
  return join(folder, name);
}

/** The path of Prometheus' promtool, taken out of its Debian package where it isn't installed. */
export async function promtool(): Promise<string> {
  const isThere = await run('promtool', ['--version']).then(
    () => true,
    () => false,
  );
  if (isThere) return 'promtool';
  const folder = await cached('chart', 'promtool', async (partial) => {
    await run('apt-get', ['download', 'prometheus'], { cwd: partial, timeout: 300_000 });
    const [file = ''] = await readdir(partial);
    await run('dpkg-deb', ['--extract', file, '.'], { cwd: partial });
  }).catch((cause) => {
    const cure = 'apt-get install --no-install-recommends prometheus, or put promtool of its release on the PATH';
    throw new MissingToolsError(`testing alerts: there is no promtool (${messageOf(cause)}): ${cure}`, { cause });
  });
  return join(folder, 'usr/bin/promtool');
}

/** A folder with `<kind>-<group>-<version>.json` for each kind of Kubernetes, of Prometheus' operator, and of ours. */
export async function kubernetesSchemas(ours: readonly CustomResource[]): Promise<string> {
  const module = fileURLToPath(new URL('kubernetes/tools/', import.meta.url));
  const pins = await readFile(join(module, 'go.mod'), 'utf8');
  const version = /k8s\.io\/kubernetes (v\S+)/.exec(pins)?.[1];
  const folder = await cached('chart', `schemas-${version}-1`, async (partial) => {
    const kubernetes = (await go(['list', '-m', '-f', '{{.Dir}}', 'k8s.io/kubernetes'], {}, module)).trim();
    const swagger = await readFile(join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8');
    await write(partial, schemasOfSwagger(JSON.parse(swagger)));
    for (const crd of await monitoringCrds()) await write(partial, schemasOfCrd(crd));
  });
  for (const crd of ours) await write(folder, schemasOfCrd(crd));
  return folder;
}

/** The CRDs of Prometheus' operator that the chart makes objects of. */
export async function monitoringCrds(): Promise<readonly CustomResource[]> {
  const { Dir } = JSON.parse(await go(['mod', 'download', '-json', OPERATOR], {}));
  const folder = join(Dir, 'example/prometheus-operator-crd');
  const files = (await readdir(folder)).filter((file) => MONITORING.some((plural) => file.includes(`_${plural}.`)));
  // CRDs, by the name of the folder.
  return Promise.all(files.map(async (file) => load(await readFile(join(folder, file), 'utf8')) as CustomResource));
}

async function write(folder: string, schemas: ReadonlyMap<string, unknown>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, schema] of schemas) await writeFile(join(folder, name), JSON.stringify(schema));
}

async function go(args: readonly string[], env: Readonly<Record<string, string>>, cwd = '/'): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024, timeout: 600_000 };
  const { stdout } = await run('go', args, options).catch((cause) => {
    if (cause.code !== 'ENOENT') throw new Error(`running go ${args.join(' ')}: ${messageOf(cause)}`, { cause });
    throw new MissingToolsError("judging the chart: there is no Go ('go'). Install it: https://go.dev/dl");
  });
  return stdout;
}
