import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { writeGenerated } from '../../../scripts/generated.ts';

describe('writeGenerated', () => {
  const folder = mkdtempSync(join(tmpdir(), 'generated-'));
  const path = join(folder, 'page.md');
  const complaints: string[] = [];
  const write = (text: string, ...args: readonly string[]) =>
    writeGenerated(pathToFileURL(path), text, 'page', args, (line) => complaints.push(line));

  after(() => rmSync(folder, { recursive: true }));

  it('fails on a file that is missing, then writes it, then finds it fresh', () => {
    expect(write('a', '--check')).to.equal(1);
    expect(write('a')).to.equal(0);
    expect(readFileSync(path, 'utf8')).to.equal('a');
    expect(write('a', '--check')).to.equal(0);
  });

  it('fails on a stale file and leaves it', () => {
    writeFileSync(path, 'old');
    complaints.length = 0;
    expect(write('new', '--check')).to.equal(1);
    expect(complaints).to.have.length(1);
    expect(complaints[0]).to.include('page.md is stale: run "npm run page"');
    expect(readFileSync(path, 'utf8')).to.equal('old');
  });
});
