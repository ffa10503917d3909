/** What a node needs of the machine: root, and programs of the distribution, which root gets from Debian's packages. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../../common/errors.ts';
import { cached } from '../cache.ts';
import { MissingToolsError } from './tools.ts';

/** Where a program can be, and the Debian package that brings it. */
const PARTS = [
  { paths: ['conntrack'], package: 'conntrack' },
  { paths: ['containerd'], package: 'containerd' },
  { paths: ['/usr/lib/cni/ptp', '/opt/cni/bin/ptp'], package: 'containernetworking-plugins' },
  { paths: ['debootstrap'], package: 'debootstrap' },
  { paths: ['ip'], package: 'iproute2' },
  { paths: ['iptables'], package: 'iptables' },
  { paths: ['podman'], package: 'podman' },
  { paths: ['runc'], package: 'runc' },
  { paths: ['nsenter'], package: 'util-linux' },
] as const;

const CURE = 'run as root on Debian or Ubuntu, or set KUBECONFIG to a cluster that runs pods';

const run = promisify(execFile);

/** Why this machine can't have a node, whatever is installed; undefined when it can. */
function whyNoNode(): string | undefined {
  if (process.platform !== 'linux') return `starting a node: it needs Linux, and this is ${process.platform}: ${CURE}`;
  if (process.getuid?.() !== 0) return `starting a node: it needs root: ${CURE}`;
  return undefined;
}

/** Installs what is missing. Rejects with a `MissingToolsError` that says what that is where it can't. */
export async function installNodeParts(): Promise<void> {
  const why = whyNoNode();
  if (why) throw new MissingToolsError(why);
  const missing: string[] = [];
  for (const part of PARTS) if (!(await findOne(part.paths))) missing.push(part.package);
  if (missing.length === 0) return;

  const install = ['install', '-y', '--no-install-recommends', ...missing];
  process.stderr.write(`node: apt-get ${install.join(' ')}\n`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: 16 * 1024 * 1024 };
  try {
    await run('apt-get', ['update', '-q'], options);
    await run('apt-get', install, options);
  } catch (cause) {
    const output = String((cause as { stderr?: string }).stderr ?? '').trim() || messageOf(cause);
    const cure = `install ${missing.join(', ')}, or ${CURE}`;
    throw new MissingToolsError(`starting a node: installing ${missing.join(', ')}: ${output}: ${cure}`, { cause });
  }
}

/** Returns the folder of the CNI plugins. */
export async function pluginsFolder(): Promise<string> {
  return join((await findOne(['/usr/lib/cni/ptp', '/opt/cni/bin/ptp'])) ?? '/usr/lib/cni/ptp', '..');
}

/** Returns the path of the program that holds a namespace open; it needs no library. */
export async function pauseProgram(): Promise<string> {
  const source = fileURLToPath(new URL('node-pause/', import.meta.url));
  const hash = createHash('sha256')
    .update(await readFile(join(source, 'main.go')))
    .digest('hex')
    .slice(0, 12);
  const folder = await cached('kubernetes', `pause-${hash}`, async (partial) => {
    const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(partial, 'pause'), '.'];
    await run('go', args, { cwd: source, env: { ...process.env, CGO_ENABLED: '0' } }).catch((cause) => {
      throw new MissingToolsError(`building the program of pods' sandboxes with Go: ${messageOf(cause)}: install Go`, {
        cause,
      });
    });
  });
  return join(folder, 'pause');
}

async function findOne(paths: readonly string[]): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin');
  for (const path of paths) {
    for (const candidate of path.startsWith('/') ? [path] : folders.map((folder) => join(folder, path))) {
      const found = await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return candidate;
    }
  }
  return undefined;
}
