import { expect } from 'chai';
import { type Archive, type Index, renderIndex } from '../../../scripts/chart-index-entries.ts';

const archive = (name: string, version: string, content = 'bytes'): Archive => ({
  file: `${name}-${version}.tgz`,
  bytes: Buffer.from(content),
  chart: { name, version, description: 'd' },
});
const index = (archives: readonly Archive[], before?: Index, replace = false, created = '2026-01-02T00:00:00Z') =>
  renderIndex({ before, archives, created, replace });
const versions = ({ entries }: Index, name: string) => entries[name]?.map(({ version }) => version);

describe('renderIndex', () => {
  it('sorts charts by name and versions with the newest first', () => {
    const names = ['b', 'a'].flatMap((name) =>
      ['1.9.0', '1.10.0', '1.10.0-rc.2', '1.10.0-rc.10'].map((v) => archive(name, v)),
    );
    const made = index(names);
    expect(Object.keys(made.entries)).to.deep.equal(['a', 'b']);
    expect(versions(made, 'a')).to.deep.equal(['1.10.0', '1.10.0-rc.10', '1.10.0-rc.2', '1.9.0']);
  });

  it('tells what the chart says, its digest, and where it is relative to the index', () => {
    expect(index([archive('a', '1.0.0')]).entries.a?.[0]).to.deep.equal({
      name: 'a',
      version: '1.0.0',
      description: 'd',
      created: '2026-01-02T00:00:00Z',
      digest: '277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9',
      urls: ['a-1.0.0.tgz'],
    });
  });

  it('leaves entries that are there as they are', () => {
    const before = index([archive('a', '1.0.0')]);
    const after = index([archive('a', '1.0.0'), archive('a', '1.1.0')], before, false, '2027-01-01T00:00:00Z');
    expect(after.entries.a?.[1]).to.equal(before.entries.a?.[0]);
    expect(after.generated).to.equal('2027-01-01T00:00:00Z');
    expect(index([archive('a', '1.0.0')], before, false, '2028-01-01T00:00:00Z')).to.deep.equal(before);
  });

  it('refuses an archive that changed, unless it is to be replaced', () => {
    const before = index([archive('a', '1.0.0')]);
    const changed = [archive('a', '1.0.0', 'other')];
    expect(() => index(changed, before)).to.throw("a-1.0.0.tgz isn't the archive that index.yaml has of a 1.0.0");
    expect(index(changed, before, true).entries.a?.[0]?.digest).not.to.equal(before.entries.a?.[0]?.digest);
  });

  it('refuses to go on when an archive is gone', () => {
    const before = index([archive('a', '1.0.0'), archive('a', '1.1.0')]);
    expect(() => index([archive('a', '1.1.0')], before)).to.throw('a 1.0.0 is in index.yaml, but its archive is gone');
  });
});
