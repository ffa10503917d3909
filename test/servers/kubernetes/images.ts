/** Builds and keeps images with podman, without a registry. Root only. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildBaseTree } from './images-base.ts';
import { npmMounts } from './images-npm.ts';
import { installNodeParts, pauseProgram } from './node-parts.ts';
import { PAUSE_IMAGE } from './node-settings.ts';

/** How an image is built here. */
export interface Builder {
  /** The program and its first arguments. */
  readonly tool: readonly string[];
  /** Further arguments of its `build`: layers whose files are the same as before are taken from the cache folder. */
  readonly flags: readonly string[];
}

const run = promisify(execFile);

/** Gives a builder to `build`, for as long as that takes. */
export async function withBuilder<T>(build: (builder: Builder) => Promise<T>): Promise<T> {
  await installNodeParts();
  const temporary = await mkdtemp(join(tmpdir(), 'kubeless-triggers-image-'));
  try {
    const mounts = await npmMounts(temporary, join(cacheFolder(), 'npm'));
    const volumes = mounts.flatMap(({ from, to, writable }) => ['--volume', `${from}:${to}:${writable ? 'rw' : 'ro'}`]);
    return await build({ tool: ['podman', ...podmanFlags()], flags: ['--layers', ...BUILD_FLAGS, ...volumes] });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Returns the name of the image that others are built on: `BASE_IMAGE`, or Debian with this Node and its npm. */
export async function baseImage(): Promise<string> {
  if (process.env.BASE_IMAGE) return process.env.BASE_IMAGE;
  await installNodeParts();
  const name = `localhost/kubeless-triggers-base:node-${process.versions.node}-1`;
  await once(name, buildBaseTree, 'CMD ["node"]');
  return name;
}

/** Makes the image of pods' sandboxes and returns its name. */
export async function pauseImage(): Promise<string> {
  await installNodeParts();
  const program = await pauseProgram();
  const hash = createHash('sha256')
    .update(await readFile(program))
    .digest('hex')
    .slice(0, 12);
  const name = `localhost/kubeless-triggers-pause:${hash}`;
  const copy = (folder: string) => copyFile(program, join(folder, 'pause'));
  await once(name, copy, 'USER 65535:65535\nENTRYPOINT ["/pause"]');
  await podman('tag', name, PAUSE_IMAGE);
  return PAUSE_IMAGE;
}

/** Forgets layers that are a week old and that no image with a name has. */
export async function pruneLayers(): Promise<void> {
  await podman('image', 'prune', '--force', '--filter', 'until=168h');
}

/** Writes images into one archive, which `loadImages` of a node takes. */
export async function saveImages(names: readonly string[], archive: string): Promise<void> {
  await rm(archive, { force: true });
  await podman('save', '--multi-image-archive', '--output', archive, ...names);
}

/** Gives an image one more name. */
export async function tagImage(name: string, other: string): Promise<void> {
  await podman('tag', name, other);
}

/** Bytes of all layers of an image. */
export async function imageSize(name: string): Promise<number> {
  return Number(await podman('image', 'inspect', '--format', '{{.Size}}', name));
}

/** Makes an image of a tree of files unless it is there. */
async function once(name: string, fill: (folder: string) => Promise<void>, more: string): Promise<void> {
  const isThere = await podman('image', 'exists', name).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const folder = await mkdtemp(join(tmpdir(), 'kubeless-triggers-tree-'));
  const dockerfile = `${folder}.Dockerfile`;
  try {
    await fill(folder);
    await writeFile(dockerfile, `FROM scratch\nCOPY . /\n${more}\n`);
    await podman('build', ...BUILD_FLAGS, '-t', name, '-f', dockerfile, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(dockerfile, { force: true });
  }
}

/** The limits are podman's own defaults made small enough for machines that don't let them be raised. */
const BUILD_FLAGS = ['--network', 'host', '--ulimit', 'nofile=20000:20000', '--ulimit', 'nproc=1000:1000'] as const;

async function podman(...args: readonly string[]): Promise<string> {
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await run('podman', [...podmanFlags(), ...args], options).catch((cause) => {
    const output = `${cause.stdout ?? ''}${cause.stderr ?? ''}`.trim().split('\n').slice(-20).join('\n');
    throw new Error(`running podman ${args[0]} ${args.at(-1)}: ${output || String(cause)}`, { cause });
  });
  return stdout.trim();
}

/** Images and layers of the tests, apart from the user's own. */
function podmanFlags(): readonly string[] {
  const storage = ['--root', join(cacheFolder(), 'images'), '--runroot', '/run/kubeless-triggers-images'];
  return ['--runtime', 'runc', ...storage, '--storage-driver', 'overlay'];
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kubeless-triggers');
}
