/** Everything that a collection holds, a page at a time. */
import { cacheKey } from './cache.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import type { KubeObject } from './objects.ts';

export interface ListOptions<T> {
  readonly client: Pick<KubeClient, 'request'>;
  readonly path: string;
  readonly query: Readonly<Record<string, string>> | undefined;
  /** Undefined: not understood. */
  readonly trim: (raw: KubeObject) => T | undefined;
  readonly signal: AbortSignal;
  readonly onPage?: () => void;
}

export interface Listed<T> {
  /** By `<namespace>/<name>`, or by name. */
  readonly objects: ReadonlyMap<string, T>;
  /** Keys of those that are there but weren't understood. */
  readonly unreadable: ReadonlySet<string>;
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

/** Objects. The usual 500 cost 16 MiB more at a thousand triggers: a page is in memory whole, as text and as objects. */
const PAGE = 100;

/** Rejects with a `KubeError`; with status 410 when the list grew too old between two pages. */
export async function listAll<T>({ client, path, query, trim, signal, onPage }: ListOptions<T>): Promise<Listed<T>> {
  const objects = new Map<string, T>();
  const unreadable = new Set<string>();
  let token = '';
  for (;;) {
    const page = await client.request<Page>({
      method: 'GET',
      path,
      query: { ...query, limit: String(PAGE), ...(token !== '' && { continue: token }) },
      signal,
    });
    const { items, metadata } = checked(page);
    for (const raw of items ?? []) {
      const object = trim(raw);
      if (object === undefined) unreadable.add(cacheKey(raw));
      else objects.set(cacheKey(raw), object);
    }
    onPage?.();
    token = metadata.continue ?? '';
    if (token === '') return { objects, unreadable, resourceVersion: metadata.resourceVersion };
  }
}

interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly KubeObject[] | null;
}

/** A proxy's answer with status 200 isn't a list. */
function checked(page: Partial<Page> | undefined): Page {
  const { metadata, items } = page ?? {};
  if (metadata?.resourceVersion === undefined || items === undefined) {
    throw new KubeError('the answer is not a list', { status: 0, reason: 'InvalidAnswer' });
  }
  return { metadata, items };
}
