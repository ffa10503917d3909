/** Builds Kubernetes, etcd, Helm and KWOK from the Go modules in `tools/`, once per version. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../../common/errors.ts';
import { cached } from '../cache.ts';

/** The main package of each tool. */
const PACKAGES = {
  coredns: 'github.com/coredns/coredns',
  etcd: 'go.etcd.io/etcd/server/v3',
  helm: 'helm.sh/helm/v4/cmd/helm',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  kubelet: 'k8s.io/kubernetes/cmd/kubelet',
  kwok: 'sigs.k8s.io/kwok/cmd/kwok',
} as const;

export type ToolName = keyof typeof PACKAGES;

/** What a control plane and its users need; a node needs `kubelet`, `kube-proxy` and `coredns` too. */
const CONTROL_PLANE = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
  'helm',
] as const;

const GO_VERSION = [1, 26] as const;
const CURE =
  `install Go ${GO_VERSION.join('.')} or newer (https://go.dev/dl), with which they are built once, ` +
  'or set KUBERNETES_BIN to a folder that has them';

/** The machine lacks what Kubernetes is built with. The message is one sentence with the cure. */
export class MissingToolsError extends Error {}

/**
 * Returns the path of each named tool, by default those of a control plane.
 *
 * The first call on a machine builds them, which takes minutes and tells its progress on standard error. A folder of the
 * user's own, `KUBERNETES_BIN`, wins. Rejects with a `MissingToolsError` when there is no Go.
 */
export function kubernetesTools(): Promise<Readonly<Record<(typeof CONTROL_PLANE)[number], string>>>;
export function kubernetesTools<const Name extends ToolName>(
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>>;
export async function kubernetesTools(
  names: readonly ToolName[] = CONTROL_PLANE,
): Promise<Readonly<Record<string, string>>> {
  const paths: [string, string][] = [];
  const own = process.env.KUBERNETES_BIN;
  for (const name of names) paths.push([name, own ? await findTool(own, name) : await buildTool(name)]);
  return Object.fromEntries(paths);
}

async function findTool(folder: string, name: ToolName): Promise<string> {
  const path = join(folder, name);
  await access(path, constants.X_OK).catch((cause) => {
    const cure = 'put it there, or unset KUBERNETES_BIN to have it built with Go';
    throw new MissingToolsError(`starting Kubernetes: KUBERNETES_BIN=${folder} has no program '${name}': ${cure}`, {
      cause,
    });
  });
  return path;
}

const run = promisify(execFile);

async function buildTool(name: ToolName): Promise<string> {
  const module = fileURLToPath(new URL(name === 'coredns' ? 'tools/coredns/' : 'tools/', import.meta.url));
  const pins = await readFile(join(module, 'go.mod'), 'utf8');
  const hash = createHash('sha256').update(pins).digest('hex').slice(0, 12);
  const folder = await cached('kubernetes', `${name}-${hash}`, async (partial) => {
    await requireGo(module);
    const start = performance.now();
    const seconds = () => Math.round((performance.now() - start) / 1000);
    tell(`building ${name} with Go, once: the first of Kubernetes' programs takes minutes, the others seconds each`);
    const ticking = setInterval(() => tell(`still building ${name} after ${seconds()} s`), 30_000);
    const args = ['build', '-mod=readonly', '-trimpath', '-ldflags', linkerFlags(pins), '-o', join(partial, name)];
    const env = { ...process.env, CGO_ENABLED: '0' };
    try {
      await run('go', [...args, PACKAGES[name]], { cwd: module, env, maxBuffer: 16 * 1024 * 1024 });
    } catch (cause) {
      const output = String((cause as { stderr?: string }).stderr ?? '').trim();
      throw new Error(`building ${name} with Go: ${output || messageOf(cause)}`, { cause });
    } finally {
      clearInterval(ticking);
    }
    tell(`built ${name} in ${seconds()} s`);
  });
  return join(folder, name);
}

/** Asks in the module's folder, where a Go that can fetch the toolchain it needs answers with that one's version. */
async function requireGo(module: string): Promise<void> {
  const answer = await run('go', ['env', 'GOVERSION'], { cwd: module }).catch((cause) => {
    if (cause.code === 'ENOENT') throw new MissingToolsError(`building Kubernetes: there is no Go ('go'): ${CURE}`);
    throw new MissingToolsError(`building Kubernetes: 'go env' failed (${messageOf(cause)}): ${CURE}`, { cause });
  });
  const version = answer.stdout.trim();
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  const [neededMajor, neededMinor] = GO_VERSION;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  throw new MissingToolsError(`building Kubernetes: 'go' is ${version}, too old: ${CURE}`);
}

/** Versions that the programs tell clients; an API server without one answers as v0.0.0, which Helm refuses. */
function linkerFlags(pins: string): string {
  const versionOf = (module: string) => new RegExp(`^\\s+${module} (v\\S+)`, 'm').exec(pins)?.[1] ?? '';
  const kubernetes = versionOf('k8s.io/kubernetes');
  if (!kubernetes) return '-s -w';
  const variables = {
    'helm.sh/helm/v4/internal/version.version': versionOf('helm.sh/helm/v4'),
    'sigs.k8s.io/kwok/pkg/consts.Version': versionOf('sigs.k8s.io/kwok'),
  };
  const numbers = { gitVersion: kubernetes, gitMajor: '1', gitMinor: kubernetes.split('.')[1], gitTreeState: 'clean' };
  for (const folder of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
    for (const [name, value] of Object.entries(numbers)) Object.assign(variables, { [`${folder}.${name}`]: value });
  }
  return ['-s -w', ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ');
}

function tell(line: string): void {
  process.stderr.write(`kubernetes: ${line}\n`);
}
