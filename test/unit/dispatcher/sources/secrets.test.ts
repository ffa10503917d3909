import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSecretFiles } from '../../../../dispatcher/sources/secrets.ts';

describe('secret files', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'secrets-'));
    mkdirSync(join(dir, 'pulsar'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('reads a file anew at each call, without the line break at its end', () => {
    const secrets = createSecretFiles(dir);
    const ref = { name: 'pulsar', key: 'token' };
    writeFileSync(secrets.path(ref), 'one\n');
    expect(secrets.read(ref)).to.equal('one');
    writeFileSync(secrets.path(ref), 'two');
    expect(secrets.read(ref)).to.equal('two');
  });

  it('names what is missing and the cure', () => {
    const read = () => createSecretFiles(dir).read({ name: 'pulsar', key: 'token' });
    expect(read).to.throw(/key "token" of Secret "pulsar" .* ENOENT; create the Secret with that key/);
  });

  it('stays in its folder', () => {
    for (const key of ['..', '.', '', 'a/b', '../token', '..data']) {
      expect(() => createSecretFiles(dir).path({ name: 'pulsar', key }), key).to.throw("isn't valid");
    }
    expect(() => createSecretFiles(dir).path({ name: '..', key: 'token' })).to.throw("isn't valid");
    expect(createSecretFiles(dir).path({ name: 'pulsar', key: '.tok..en' })).to.equal(join(dir, 'pulsar', '.tok..en'));
  });
});
