import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { goProgram } from '../servers/chart-tools.ts';
import { MissingToolsError } from '../servers/kubernetes/tools.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKFLOWS = join(ROOT, '.github/workflows');

describe('what a release is made with', function () {
  this.timeout(300_000);

  it('has workflows that actionlint finds nothing in', async function () {
    const actionlint = await goProgram('actionlint').catch((error) => {
      if (process.env.CI || !(error instanceof MissingToolsError)) throw error;
      process.stderr.write(`\nSKIPPED: ${error.message}\n\n`);
      return this.skip();
    });
    // Shell lines aren't judged: whether shellcheck is installed would decide.
    const args = ['-shellcheck=', '-pyflakes=', ...readdirSync(WORKFLOWS).map((name) => join(WORKFLOWS, name))];
    const { stdout } = await promisify(execFile)(actionlint, args).catch((error) => error);
    expect(stdout).to.equal('');
  });

  it('points at no address of ours that isn’t there yet', () => {
    const files = ['chart', 'deploy', '.github', 'chart-index'].flatMap((folder) => textsBelow(join(ROOT, folder)));
    const hosts = files.flatMap((text) =>
      [...text.matchAll(/\b(?:https?|oci):\/\/([\w.-]+)/g)].map(([, host]) => host),
    );
    expect([...new Set(hosts)].filter((host) => !isNobodys(host ?? ''))).to.deep.equal([]);
  });
});

/** Examples, this machine, addresses inside a cluster, the name of a format, and what a script looks for in a remote. */
function isNobodys(host: string): boolean {
  return /(^|\.)example$|\.default$|^127\.0\.0\.1$|^json-schema\.org$|^github$/.test(host);
}

function textsBelow(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return files
    .filter(({ name }) => !name.endsWith('.tgz'))
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
}
