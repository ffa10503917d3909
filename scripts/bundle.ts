/** `node scripts/bundle.ts [folder]`: the controller in a few files, which need half of the memory that its packages do. */
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'dist', 'bundle', 'controller');
const templates = join(root, 'controller', 'render');
const PACKAGE = '@kubernetes/client-node';
/** Keeps a second look at a path from being the plugin's own. */
const SEEN = 'seen';

/** Of the Kubernetes package only what is used, which it doesn't say of itself that it allows, and one undici for both of us. */
const lean: Plugin = {
  name: 'lean',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      const isInside = importer.includes(`/${PACKAGE}/dist/`);
      if (pluginData === SEEN || !(isInside || path.startsWith(PACKAGE))) return undefined;
      const from = isInside && path === 'undici' ? root : resolveDir;
      const found = await resolve(path, { resolveDir: from, importer, kind, pluginData: SEEN });
      return found.path.includes(`/${PACKAGE}/dist/`) ? { ...found, sideEffects: false } : found;
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
  sourcemap: true,
  sourcesContent: false,
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
