/** A folder outside the tree in which each version of a server is downloaded or built once. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Returns the cached folder `name`/`version`, filled by `fill` when it isn't there yet.
 *
 * `fill` gets an empty folder that becomes the cached one only when it succeeds. Processes that want the same folder at
 * the same time wait for the first of them.
 */
export async function cached(name: string, version: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const parent = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kubeless-triggers', name);
  const folder = join(parent, version);
  if (await exists(folder)) return folder;

  await mkdir(parent, { recursive: true });
  const unlock = await lock(`${folder}.lock`);
  try {
    if (await exists(folder)) return folder;
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    await fill(partial);
    await rename(partial, folder);
    return folder;
  } finally {
    await unlock();
  }
}

/** Takes the lock that the file `path` stands for; one whose holder is dead is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  const own = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    for (;;) {
      try {
        // A link, so that the lock never exists without its holder's pid.
        await link(own, path);
        return () => rm(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (holder > 0 && !isAlive(holder)) await rm(path, { force: true });
      else await delay(200);
    }
  } finally {
    await rm(own, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
