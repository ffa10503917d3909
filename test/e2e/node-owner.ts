/** A process that starts a node, tells where its traces are, and waits to be killed. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pauseImage, saveImages } from '../servers/kubernetes/images.ts';
import { startNodeCluster } from '../servers/kubernetes/node.ts';

const archive = join(await mkdtemp(join(tmpdir(), 'kubeless-triggers-images-')), 'pause.tar');
await saveImages([await pauseImage()], archive);
const { folder, hostAddress, nodeLogFile } = await startNodeCluster({ images: [archive] });
process.send?.({ hostAddress, folders: [folder, dirname(nodeLogFile('kubelet'))], archive });
