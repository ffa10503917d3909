/** Lets `npm ci` in a build reach the registry as npm on this machine does, without leaving a trace in the image. */
import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Mount {
  readonly from: string;
  readonly to: string;
  readonly writable?: boolean;
}

const run = promisify(execFile);
/** Where npm in an image looks for settings of all users, and of root. */
const GLOBAL = '/usr/local/etc/npmrc';
const USER = '/root/.npmrc';
const CACHE = '/root/.npm';
const AUTHORITIES = '/etc/kubeless-triggers-npm.crt';

/** Returns what is mounted while an image is built: files made for it in `folder`, and packages that `cache` keeps. */
export async function npmMounts(folder: string, cache: string): Promise<readonly Mount[]> {
  await mkdir(cache, { recursive: true });
  const settings: string[] = [];
  const mounts: Mount[] = [{ from: cache, to: CACHE, writable: true }];
  for (const name of ['registry', 'proxy', 'https-proxy', 'noproxy', 'strict-ssl']) {
    const value = await setting(name);
    if (value) settings.push(`${name}=${value}`);
  }
  const authorities = (await setting('cafile')) ?? process.env.NODE_EXTRA_CA_CERTS;
  if (authorities) {
    settings.push(`cafile=${AUTHORITIES}`);
    mounts.push({ from: authorities, to: AUTHORITIES });
  }
  const file = join(folder, 'npmrc');
  await writeFile(file, settings.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  mounts.push({ from: file, to: GLOBAL });
  const user = await setting('userconfig');
  if (user && (await exists(user))) mounts.push({ from: user, to: USER });
  return mounts;
}

async function setting(name: string): Promise<string | undefined> {
  const value = (await run('npm', ['config', 'get', name])).stdout.trim();
  return value === 'null' || value === 'undefined' || value === '' ? undefined : value;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
