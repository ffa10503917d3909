/** The files of the image that others are built on: a small Debian, and the Node and npm that run the tests. */
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SUITE = 'bookworm';

/** Fills a folder; needs Debian's package mirror. */
export async function buildBaseTree(folder: string): Promise<void> {
  await run('debootstrap', ['--variant=minbase', SUITE, folder], { maxBuffer: 16 * 1024 * 1024 }).catch((cause) => {
    const output = String(cause.stdout ?? '')
      .trim()
      .split('\n')
      .slice(-3)
      .join('; ');
    const cure = "make Debian's mirror reachable, or set BASE_IMAGE to an image with Node 24 and npm";
    throw new Error(`building the base image with debootstrap: ${output}: ${cure}`, { cause });
  });
  for (const path of UNNEEDED) {
    const parent = join(folder, path);
    for (const name of await readdir(parent).catch(() => [])) await rm(join(parent, name), { recursive: true });
  }
  const local = join(folder, 'usr/local');
  await copyFile(process.execPath, join(local, 'bin/node'));
  await mkdir(join(local, 'lib/node_modules'), { recursive: true });
  await cp(await npmFolder(), join(local, 'lib/node_modules/npm'), { recursive: true, dereference: true });
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
  }
}

/** npm itself knows only where packages of this Node would be, which needn't be where it is. */
async function npmFolder(): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'command -v npm']);
  return join(await realpath(process.env.npm_execpath ?? stdout.trim()), '../..');
}

const UNNEEDED = [
  'var/cache/apt',
  'var/lib/apt/lists',
  'usr/share/doc',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/man',
];
