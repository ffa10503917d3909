/** A folder outside the tree in which each version of a server is downloaded or built once. */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
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

/** Takes the lock that the folder `path` stands for; one whose holder is dead is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  const holder = join(path, 'pid');
  for (;;) {
    try {
      await mkdir(path);
      await writeFile(holder, String(process.pid));
      return () => rm(path, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(holder, 'utf8').catch(() => ''));
    if (pid > 0 && !isAlive(pid)) await rm(path, { recursive: true, force: true });
    else await delay(500);
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
