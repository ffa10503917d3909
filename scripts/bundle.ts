/** `node scripts/bundle.ts [folder]`: the controller in a few files, which need a third of the memory that its packages do. */
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'dist', 'bundle', 'controller');
const templates = join(root, 'controller', 'render');

const CLIENT = '@kubernetes/client-node';
const IN_CLIENT = `/node_modules/${CLIENT}/dist/`;
const DONE = 'resolved';

/**
 * Of the Kubernetes client only what we use: its package doesn't say that its modules have no side effects, without which
 * hundreds of generated models stay; and its HTTP client is the one that we have already.
 */
const lean: Plugin = {
  name: 'lean',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      const isInClient = importer.includes(IN_CLIENT);
      if (pluginData === DONE || !(isInClient || path.startsWith(CLIENT))) return undefined;
      const options = { kind, pluginData: DONE };
      if (isInClient && path === 'undici') return resolve(path, { ...options, resolveDir: root });
      const found = await resolve(path, { ...options, importer, resolveDir });
      return found.path.includes(IN_CLIENT) ? { ...found, sideEffects: false } : found;
    });
  },
};

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
  legalComments: 'none',
  plugins: [lean],
  // Libraries in CommonJS ask for Node's own modules with `require`, which a module hasn't.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
await mkdir(folder, { recursive: true });
// Read at run time: the templates beside the code, the version from the package.
for (const name of await readdir(templates)) {
  if (name.endsWith('.yaml')) await copyFile(join(templates, name), join(folder, name));
}
await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
