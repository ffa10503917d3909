/** The images that the charts name, built from their Dockerfiles. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as images from '../servers/kubernetes/images.ts';

export interface ProductImages {
  readonly dispatcher: string;
  /** What both are built on; has Node as `node`. */
  readonly base: string;
}

/** What an image may have over the one that it is built on. */
const LARGEST_MEGABYTES = { controller: 60, dispatcher: 110 } as const;
/** What the charts name by default, and what an upgrade names. */
const TAGS = ['0.1.0', 'next'] as const;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Builds them and writes all that pods need into one archive. Rejects when one is too large. */
export async function buildImages(archive: string): Promise<ProductImages> {
  const base = await images.baseImage();
  const baseSize = await images.imageSize(base);
  const names = [await images.pauseImage(), base];
  for (const program of ['controller', 'dispatcher'] as const) {
    const [name, next] = TAGS.map((tag) => nameOf(program, tag)) as [string, string]; // two tags, two names
    const dockerfile = join(ROOT, program, 'Dockerfile');
    await images.buildImage({ name, dockerfile, context: ROOT, arguments: { BASE: base } });
    await images.tagImage(name, next);
    names.push(name, next);

    const megabytes = ((await images.imageSize(name)) - baseSize) / 1e6;
    process.stderr.write(`e2e: the image of the ${program} has ${megabytes.toFixed(1)} MB over its base\n`);
    if (megabytes > LARGEST_MEGABYTES[program]) {
      throw new Error(`building ${name}: it may have ${LARGEST_MEGABYTES[program]} MB over its base`);
    }
  }
  await images.saveImages(names, archive);
  return { base, dispatcher: nameOf('dispatcher', TAGS[0]) };
}

function nameOf(program: string, tag: string): string {
  return `localhost/kubeless-triggers-${program}:${tag}`;
}
