/** Lets nothing be written that mustn't be: by a controller that leads no more, or in a dry run. */
import type { Logger } from '../common/logger.ts';
import { type KubeClient, KubeError, type KubeRequest } from './kube/client.ts';

export type Requests = Pick<KubeClient, 'request'>;

/** Reading goes through; a write is refused while `mayWrite` says no. */
export function whileLeading(client: Requests, mayWrite: () => boolean): Requests {
  return {
    request<T>(asked: KubeRequest): Promise<T> {
      if (asked.method === 'GET' || mayWrite()) return client.request<T>(asked);
      const message = `writing ${asked.path}: another replica may lead by now`;
      return Promise.reject(new KubeError(message, { status: 0, reason: 'NotLeading' }));
    },
  };
}

/** The API server judges every write and keeps none of them; each is told once. */
export function withoutWriting(client: Requests, logger: Logger): Requests {
  const told = new Set<string>();
  return {
    request<T>(asked: KubeRequest): Promise<T> {
      if (asked.method === 'GET') return client.request<T>(asked);
      const what = `${asked.method} ${asked.path}`;
      if (!told.has(what)) logger.info({ method: asked.method, path: asked.path }, 'dry run: this would be written');
      told.add(what);
      return client.request<T>({ ...asked, query: { ...asked.query, dryRun: 'All' } });
    },
  };
}
