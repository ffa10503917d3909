import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { runMeasured } from '../../../bench/measured-process.ts';
import { buildCheckout, CheckoutError } from '../../../bench/other-checkout.ts';

const CHECKOUT = {
  'package.json': '{"name":"kubeless-triggers","type":"module"}',
  'tsconfig.bench.json': '{}',
  'bench/engine-loop.ts': '',
};
const COMPILER = 'node_modules/typescript/bin/tsc';

describe('another checkout to compare with', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kubeless-triggers-checkout-'));
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
  }

  async function problemOf(path: string): Promise<string> {
    try {
      await buildCheckout(path, '.');
    } catch (error) {
      expect(error).instanceOf(CheckoutError);
      return (error as CheckoutError).message; // as the line above says
    }
    return 'none';
  }

  it('has to exist', async () => {
    const path = join(root, 'nowhere');
    expect(await problemOf(path))
      .contains(`--against is "${path}"`)
      .and.contains('no folder');
  });

  it('has to be another one', async () => {
    expect(await problemOf('.')).contains('this checkout');
    expect(await problemOf('')).contains('this checkout');
    expect(await problemOf(process.cwd())).contains('this checkout');
  });

  it('has to be the root of a checkout of this project', async () => {
    const isRefused = async () => expect(await problemOf(root)).contains('not the root of a checkout');
    await isRefused();
    for (const text of ['', 'null', '[]', '{"name":"another"}']) {
      await write({ 'package.json': text });
      await isRefused();
    }
    expect(await problemOf(join(root, 'package.json')), 'a file').contains('not the root of a checkout');
  });

  it('has to have an engine that can be measured', async () => {
    await write({ 'package.json': CHECKOUT['package.json'], 'bench/engine-loop.ts': '' });
    expect(await problemOf(root)).contains('tsconfig.bench.json');
    await rm(join(root, 'bench'), { recursive: true });
    await write({ 'tsconfig.bench.json': '{}' });
    expect(await problemOf(root)).contains(join('bench', 'engine-loop.ts'));
  });

  it('has to have its dependencies', async () => {
    await write(CHECKOUT);
    expect(await problemOf(root)).contains('npm ci');
    await mkdir(join(root, 'node_modules'));
    expect(await problemOf(root), 'an empty node_modules').contains('npm ci');
  });

  it('has to build; the error is what its compiler says', async () => {
    await write({ ...CHECKOUT, [COMPILER]: 'console.log("a.ts(1,1): error TS1005"); process.exit(2);' });
    expect(await problemOf(root))
      .contains("doesn't build")
      .and.contains('a.ts(1,1): error TS1005');
    await write({ [COMPILER]: 'throw new Error("no such platform")' });
    expect(await problemOf(root))
      .contains("doesn't build")
      .and.contains('no such platform');
  });

  it('is built by its own compiler, in its own folder, and runs its own code', async () => {
    const loop = `process.once('message', ({ factor }) => process.send({ type: 'result', result: factor * 7 }));`;
    await write({
      ...CHECKOUT,
      'loop.js': loop,
      [COMPILER]: `
        import { cpSync, writeFileSync } from 'node:fs';
        cpSync('loop.js', 'bench/dist/bench/engine-loop.js');
        writeFileSync('built.json', JSON.stringify(process.argv.slice(2)));`,
    });
    expect(await buildCheckout(root, '.')).equals(root);
    expect(JSON.parse(await readFile(join(root, 'built.json'), 'utf8'))).eql(['-p', 'tsconfig.bench.json']);
    expect(await runMeasured('engine-loop', { factor: 6 }, { root })).equals(42);
  });

  it('is named when its code ends without a result', async () => {
    await write({ 'package.json': '{"type":"module"}', 'bench/dist/bench/engine-loop.js': 'process.exit(3);' });
    const failed = await runMeasured('engine-loop', {}, { root }).then(
      () => 'a result',
      (error: unknown) => String(error),
    );
    expect(failed).contains(root).and.contains('3');
  });
});
