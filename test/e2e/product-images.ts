/** The images that the charts name, built by `make images`. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as images from '../servers/kubernetes/images.ts';
import { CHART } from '../support/helm.ts';

/** What an image may have over the one that it is built on. */
const LARGEST_MEGABYTES = { controller: 60, dispatcher: 110 } as const;
/** The tag that the charts name by default. */
export const VERSION = versionOf(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'));
/** A tag for upgrades. */
export const NEXT = 'next';
const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));

const run = promisify(execFile);

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
  await makeImages(base);
  for (const program of ['controller', 'dispatcher'] as const) {
    const name = imageOf(LOCAL_REGISTRY, program, VERSION);
    const next = imageOf(LOCAL_REGISTRY, program, NEXT);
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

/** By the target that users have. */
async function makeImages(base: string): Promise<void> {
  await images.withBuilder(async ({ tool, flags }) => {
    const words = { CONTAINER_TOOL: tool.join(' '), BUILD_ARGS: flags.join(' '), BASE: base };
    const variables = { ...words, IMAGE_REGISTRY: LOCAL_REGISTRY, IMAGE_TAG: VERSION };
    const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    await run('make', ['-C', DEPLOY, 'images', ...settings], { maxBuffer: 64 * 1024 * 1024 }).catch((cause) => {
      const output = `${cause.stdout}${cause.stderr}`.trim().split('\n').slice(-20).join('\n');
      throw new Error(`running make images: ${output}`, { cause });
    });
  });
}

export function imageOf(registry: string, program: 'controller' | 'dispatcher', tag: string): string {
  return `${registry}/kubeless-triggers-${program}:${tag}`;
}

function versionOf(chart: string): string {
  const version = /^appVersion: "?([^"\s]+)/m.exec(chart)?.[1];
  if (!version) throw new Error(`reading ${CHART}: its Chart.yaml has no appVersion`);
  return version;
}
