/** Files, folders and standard input -> the objects in them, each with its place. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { maskUrl } from '../common/mask-url.ts';
import { readDocuments } from './yaml/documents.ts';
import { decode } from './yaml/text.ts';

/** One object, or why there is none. */
export type Manifest = Place & (Readable | Unreadable);

export interface Place {
  readonly file: string;
  /** Counted from 1, without empty ones; absent where the file as a whole is meant. */
  readonly document?: number;
}

interface Readable {
  readonly object: unknown;
  readonly warnings: readonly string[];
}

interface Unreadable {
  readonly mistake: string;
  readonly cure: string;
}

/** `-` is standard input. Folders give their .yaml, .yml and .json files in the order of their names. */
export async function readManifests(
  paths: readonly string[],
  input: () => Promise<Uint8Array>,
): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of paths)
    manifests.push(...(path === '-' ? inBytes('standard input', await input()) : await at(path)));
  return manifests;
}

/** For messages: `orders.yaml, document 2`. */
export function placeOf({ file, document }: Place): string {
  const name = file || '""';
  return document === undefined ? name : `${name}, document ${document}`;
}

async function at(path: string): Promise<readonly Manifest[]> {
  if (/^https?:\/\//i.test(path)) {
    const cure = 'Fetch it, and name the file, or - for standard input.';
    return [{ file: maskUrl(path), mistake: 'is a URL, and only files are read', cure }];
  }
  try {
    if (!(await stat(path)).isDirectory()) return inBytes(path, await readFile(path));
    const names = (await readdir(path)).filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
    if (names.length === 0) return [nothingIn(path, 'has no .yaml, .yml or .json file')];
    return (await Promise.all(names.map((name) => at(join(path, name))))).flat();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${String(code ?? error)}`;
    return [{ file: path, mistake: reason, cure: 'Name a file that can be read, or - for standard input.' }];
  }
}

function inBytes(file: string, bytes: Uint8Array): readonly Manifest[] {
  const manifests = readDocuments(decode(bytes)).map((document, index) => ({ file, document: index + 1, ...document }));
  return manifests.length === 0 ? [nothingIn(file, 'is empty')] : manifests;
}

function nothingIn(file: string, mistake: string): Manifest {
  return { file, mistake, cure: 'Write a trigger, such as those in examples/.' };
}
