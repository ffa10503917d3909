/** What the end-to-end tests share: the images, a cluster that runs pods, and a Pulsar that pods reach. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as images from '../servers/kubernetes/images.ts';
import { type NodeCluster, startNodeCluster } from '../servers/kubernetes/node.ts';
import { MissingToolsError } from '../servers/kubernetes/tools.ts';
import { type PulsarServer, startPulsar } from '../servers/pulsar/index.ts';

export interface Environment {
  readonly cluster: NodeCluster;
  /** Asks for tokens. */
  readonly pulsar: PulsarServer;
  readonly images: Images;
}

/** Names that the cluster knows. */
export interface Images {
  readonly controller: string;
  readonly dispatcher: string;
  /** Has Node as `node`. */
  readonly base: string;
}

/** Bytes that an image may have over the one it is built on. */
const LARGEST = { controller: 60e6, dispatcher: 110e6 } as const;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What the charts name, by default, and what an upgrade names. */
const TAGS = ['0.1.0', 'next'] as const;

let started: Promise<Environment & { stop(): Promise<void> }> | undefined;

/** Makes a suite wait for the environment; where it can't be had the suite is skipped, or fails where `CI` is set. */
export function useEnvironment(): () => Environment {
  let environment: Environment | undefined;
  before('images, node and Pulsar', async function () {
    this.timeout(1_500_000);
    started ??= start();
    environment = await started.catch((error) => {
      if (process.env.CI || !(error instanceof MissingToolsError)) throw error;
      process.stderr.write(`\nSKIPPED: ${error.message}\n\n`);
      return this.skip();
    });
  });
  return () => {
    if (!environment) throw new Error('using the environment: it is there in hooks and tests only');
    return environment;
  };
}

/** Stops what was started for this run. */
export async function stopEnvironment(): Promise<void> {
  const environment = await started?.catch(() => undefined);
  started = undefined;
  await environment?.stop();
}

async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'kubeless-triggers-e2e-'));
  const stops = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const undo of stops.splice(0).reverse()) await undo();
  };
  try {
    const archive = join(folder, 'images.tar');
    const built = await step('images', () => buildImages(archive));
    const cluster = await step('node', () => startNodeCluster({ images: [archive] }));
    stops.push(cluster.stop);
    await rm(archive, { force: true });
    const pulsar = await step('Pulsar', () => startPulsar({ tokenAuth: true, address: cluster.hostAddress }));
    stops.push(pulsar.stop);
    return { cluster, pulsar, images: built, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Builds both images from their Dockerfiles and puts all that pods need into one archive. */
async function buildImages(archive: string): Promise<Images> {
  const base = await images.baseImage();
  const names = [await images.pauseImage(), base];
  const baseSize = await images.imageSize(base);
  for (const program of ['controller', 'dispatcher'] as const) {
    const [name, ...others] = TAGS.map((tag) => `localhost/kubeless-triggers-${program}:${tag}`) as [
      string,
      ...string[],
    ];
    const dockerfile = join(ROOT, program, 'Dockerfile');
    await images.buildImage({ name, dockerfile, context: ROOT, arguments: { BASE: base } });
    for (const other of others) await images.tagImage(name, other);
    const size = (await images.imageSize(name)) - baseSize;
    process.stderr.write(`e2e: the image of the ${program} has ${(size / 1e6).toFixed(1)} MB over its base\n`);
    if (size > LARGEST[program])
      throw new Error(`building ${name}: it may have ${LARGEST[program] / 1e6} MB over its base`);
    names.push(name, ...others);
  }
  await images.saveImages(names, archive);
  return { base, controller: nameOf('controller'), dispatcher: nameOf('dispatcher') };
}

function nameOf(program: string): string {
  return `localhost/kubeless-triggers-${program}:${TAGS[0]}`;
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  process.stderr.write(`e2e: ${name} in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
}
