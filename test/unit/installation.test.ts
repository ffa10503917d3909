import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

interface Package {
  readonly engines?: { readonly node?: string };
  readonly hasInstallScript?: boolean;
}

const read = (file: string) =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8'));

/** npm warns of each of these, at every `npm ci`. */
describe('npm ci has nothing to warn of', () => {
  const about: Package & { readonly allowScripts: Readonly<Record<string, boolean>> } = read('package.json');
  const { packages }: { readonly packages: Readonly<Record<string, Package>> } = read('package-lock.json');

  it('in the Node.js that only runs npm: the one that runs the code is a dependency', () => {
    for (const { engines } of [about, packages[''] ?? {}]) expect(engines).to.equal(undefined);
    expect(packages).to.have.property('node_modules/node');
  });

  it('in a package whose install script nobody decided about', () => {
    const withScript = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(withScript).to.include('esbuild');
    expect(Object.keys(about.allowScripts)).to.have.members([...new Set(withScript)]);
  });
});
