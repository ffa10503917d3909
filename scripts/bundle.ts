/** `node scripts/bundle.ts [folder]`: the controller in a few files, which need a third of the memory that its packages do. */
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'dist', 'bundle', 'controller');
const templates = join(root, 'controller', 'render');

await build({
  absWorkingDir: root,
  entryPoints: ['controller/main.ts', 'controller/check.ts'],
  outdir: folder,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  // Libraries in CommonJS ask for Node's own modules with `require`, which a module hasn't.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
await mkdir(folder, { recursive: true });
// Read at run time: the templates beside the code, the version from the package.
for (const name of await readdir(templates)) {
  if (name.endsWith('.yaml')) await copyFile(join(templates, name), join(folder, name));
}
await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
