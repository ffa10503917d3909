/** A server is downloaded once, whole, whoever asks for it. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { cached } from '../../servers/cache.ts';

describe('cache of servers', () => {
  const { XDG_CACHE_HOME } = process.env;
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kubeless-triggers-cache-'));
    process.env.XDG_CACHE_HOME = root;
  });
  afterEach(async () => {
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
    await rm(root, { recursive: true });
  });

  it('fills a folder once for all who ask at the same time', async () => {
    let fills = 0;
    const fill = async (folder: string) => {
      fills++;
      await delay(20);
      await writeFile(join(folder, 'server.jar'), 'jar');
    };
    const folders = await Promise.all([1, 2, 3].map(() => cached('server', '1.0', fill)));

    expect(fills).to.equal(1);
    expect(new Set(folders)).to.deep.equal(new Set([join(root, 'kubeless-triggers', 'server', '1.0')]));
    expect(await readFile(join(folders[0] ?? '', 'server.jar'), 'utf8')).to.equal('jar');
    expect(await readdir(join(root, 'kubeless-triggers', 'server'))).to.deep.equal(['1.0']);
  });

  it('keeps nothing of a download that failed', async () => {
    const attempt = cached('server', '1.0', async (folder) => {
      await writeFile(join(folder, 'half.jar'), '');
      throw new Error('the line broke');
    });
    expect(await attempt.catch((error) => error.message)).to.equal('the line broke');

    const folder = await cached('server', '1.0', (partial) => writeFile(join(partial, 'whole.jar'), ''));
    expect(await readdir(folder)).to.deep.equal(['whole.jar']);
  });

  it('takes over from a process that died while it filled the folder', async () => {
    const folder = await cached('server', '1.0', async () => {});
    await rm(folder, { recursive: true });
    // Above every pid that Linux gives.
    await writeFile(`${folder}.lock`, '4194305');

    expect(await cached('server', '1.0', async () => {})).to.equal(folder);
  });
});
