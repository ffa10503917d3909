/** The images that the charts name, built from their Dockerfiles. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as images from '../servers/kubernetes/images.ts';
import { CHART } from '../support/helm.ts';

/** What an image may have over the one that it is built on. */
const LARGEST_MEGABYTES = { controller: 60, dispatcher: 110 } as const;
/** The tag that the charts name by default. */
export const VERSION = versionOf(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'));
/** A tag for upgrades. */
export const NEXT = 'next';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where images are that were built on this machine. */
export const LOCAL_REGISTRY = 'localhost';

/**
 * Builds them and writes all that pods need into one archive. Returns the name of the image that both are built on, which
 * has Node as `node`. Rejects when one is too large.
 */
export async function buildImages(archive: string): Promise<string> {
  const base = await images.baseImage();
  const baseSize = await images.imageSize(base);
  const names = [await images.pauseImage(), base];
  for (const program of ['controller', 'dispatcher'] as const) {
    const name = imageOf(LOCAL_REGISTRY, program, VERSION);
    const next = imageOf(LOCAL_REGISTRY, program, NEXT);
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
  await images.pruneLayers();
  return base;
}

export function imageOf(registry: string, program: 'controller' | 'dispatcher', tag: string): string {
  return `${registry}/kubeless-triggers-${program}:${tag}`;
}

function versionOf(chart: string): string {
  const version = /^appVersion: "?([^"\s]+)/m.exec(chart)?.[1];
  if (!version) throw new Error(`reading ${CHART}: its Chart.yaml has no appVersion`);
  return version;
}
