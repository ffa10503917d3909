/** A cgroup for each node, since a kubelet ends whatever it doesn't know below its own. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const PREFIX = 'kubeless-triggers-';

export interface Cgroup {
  /** Below the root of every hierarchy. */
  readonly path: string;
  /** Once nothing runs in it any more. */
  remove(): Promise<void>;
}

/** Makes one in all hierarchies, and removes those of test processes that are dead. */
export async function makeCgroup(): Promise<Cgroup> {
  const name = `${PREFIX}${process.pid}-${randomBytes(3).toString('hex')}`;
  const all = await hierarchies();
  for (const hierarchy of all) {
    for (const old of await readdir(hierarchy)) if (isAbandoned(old)) await removeTree(join(hierarchy, old));
    await mkdir(join(hierarchy, name));
  }
  return {
    path: `/${name}`,
    async remove() {
      for (const hierarchy of all) await removeTree(join(hierarchy, name));
    },
  };
}

/** Version 2 has one hierarchy, version 1 a folder for each controller. */
async function hierarchies(): Promise<readonly string[]> {
  const entries = await readdir(ROOT, { withFileTypes: true });
  if (entries.some(({ name }) => name === 'cgroup.controllers')) return [ROOT];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(ROOT, name));
}

function isAbandoned(name: string): boolean {
  const pid = Number(name.startsWith(PREFIX) && name.slice(PREFIX.length).split('-')[0]);
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Files in there belong to the kernel: only folders can be removed, from the leaves. */
async function removeTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  }
  await rmdir(folder).catch(() => {});
}
