/** What a chart repository's index.yaml says. Pure. */
import { createHash } from 'node:crypto';

export interface Entry {
  readonly name: string;
  readonly version: string;
  /** RFC 3339. */
  readonly created: string;
  /** sha256 in hexadecimal digits. */
  readonly digest: string;
  /** Relative to index.yaml, so that it can be served anywhere. */
  readonly urls: readonly string[];
  readonly [field: string]: unknown;
}

export interface Index {
  readonly apiVersion: 'v1';
  readonly entries: Readonly<Record<string, readonly Entry[]>>;
  /** When the newest entry was created. */
  readonly generated: string;
}

export interface Archive {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Its Chart.yaml. */
  readonly chart: { readonly name: string; readonly version: string; readonly [field: string]: unknown };
}

export interface IndexOptions {
  readonly before: Index | undefined;
  /** Everything that is to be served. */
  readonly archives: readonly Archive[];
  /** Of entries that are new. */
  readonly created: string;
  /** An archive that changed replaces its entry instead of being an error. */
  readonly replace: boolean;
}

/** Entries that are there stay as they are. Throws when an archive changed or is gone. */
export function renderIndex({ before, archives, created, replace }: IndexOptions): Index {
  const old = Object.values(before?.entries ?? {}).flat();
  const files = new Set(archives.map(({ file }) => file));
  const gone = old.find(({ urls }) => !urls.some((url) => files.has(url)));
  if (gone)
    throw new Error(`indexing: ${gone.name} ${gone.version} is in index.yaml, but its archive is gone. Put it back.`);

  const entries = archives.map((archive) => {
    const { name, version } = archive.chart;
    const digest = createHash('sha256').update(archive.bytes).digest('hex');
    const known = old.find((entry) => entry.name === name && entry.version === version);
    if (known?.digest === digest) return known;
    if (known && !replace) {
      const cure = 'Raise version in Chart.yaml, or, where nobody has it, FORCE=1.';
      throw new Error(`indexing: ${archive.file} isn't the archive that index.yaml has of ${name} ${version}. ${cure}`);
    }
    return { ...archive.chart, created, digest, urls: [archive.file] };
  });
  const names = [...new Set(entries.map(({ name }) => name))].sort();
  const ofName = (name: string) => entries.filter((entry) => entry.name === name).sort(newestFirst);
  return {
    apiVersion: 'v1',
    entries: Object.fromEntries(names.map((name) => [name, ofName(name)])),
    generated:
      entries
        .map((entry) => entry.created)
        .sort()
        .at(-1) ?? created,
  };
}

/** Of semantic versions: a prerelease is older than its release, and numbers count as numbers. */
function newestFirst({ version: a }: Entry, { version: b }: Entry): number {
  const [[coreA = '', ...preA], [coreB = '', ...preB]] = [a.split('-'), b.split('-')];
  const compare = (one: string, other: string) => one.localeCompare(other, 'en', { numeric: true });
  if (coreA !== coreB) return compare(coreB, coreA);
  if (preA.length === 0 || preB.length === 0) return preA.length - preB.length;
  return compare(preB.join('-'), preA.join('-'));
}
