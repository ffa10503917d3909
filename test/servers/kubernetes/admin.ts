/** A small client of the Kubernetes API for tests: paths and JSON, nothing in between. */
import { Agent, request } from 'undici';

/** How a cluster is reached. Certificates are PEM. */
export interface Credentials {
  /** `https://host:port`, without a path. */
  readonly url: string;
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Takes any certificate of the server. */
  readonly insecure?: boolean | undefined;
}

export interface Answer {
  readonly status: number;
  /** JSON; of a watch, one event a line. */
  readonly text: string;
}

type Query = Readonly<Record<string, string>>;

/** Paths begin `/api/v1/…` or `/apis/…`. Calls reject with an `AdminError` unless they get a 2xx. */
export interface KubernetesAdmin {
  get<T = ApiObject>(path: string, query?: Query): Promise<T>;
  /** Like `get`, but a 404 is undefined. */
  find<T = ApiObject>(path: string): Promise<T | undefined>;
  post<T = ApiObject>(path: string, body: unknown, query?: Query): Promise<T>;
  /** Default `application/merge-patch+json`. */
  patch<T = ApiObject>(path: string, body: unknown, contentType?: string): Promise<T>;
  /** Server-side apply by the field manager `tests`, with force. */
  apply<T = ApiObject>(path: string, body: unknown, query?: Query): Promise<T>;
  /** What isn't there is deleted already. */
  delete(path: string, options?: { readonly propagationPolicy?: string }): Promise<void>;
  /** Resolves with any answer of the server. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** As much of an object as any test may rely on. */
export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly [field: string]: unknown;
  };
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into objects of any shape
  readonly [field: string]: any;
}

class AdminError extends Error {
  readonly status: number;

  constructor(call: string, { status, text }: Answer) {
    super(`Kubernetes admin ${call}: ${status} ${text}`);
    this.status = status;
  }
}

export function createAdmin({ url, ca, cert, key, headers = {}, insecure = false }: Credentials): KubernetesAdmin {
  const connect = { rejectUnauthorized: !insecure, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const dispatcher = new Agent({ connect, headersTimeout: 60_000, bodyTimeout: 60_000 });

  async function answer(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { query, body, contentType = 'application/json' } = options;
    const search = query ? `?${new URLSearchParams(query)}` : '';
    const response = await request(`${url}${path}${search}`, {
      dispatcher,
      method,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.statusCode, text: await response.body.text() };
  }

  async function call<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
    const got = await answer(method, path, options);
    if (got.status >= 300) throw new AdminError(`${method} ${path}`, got);
    // The test says what the server keeps at this path.
    return JSON.parse(got.text) as T;
  }

  return {
    get: (path, query) => call('GET', path, query && { query }),
    async find<T>(path: string) {
      return call<T>('GET', path).catch(ignoreNotFound);
    },
    post: (path, body, query) => call('POST', path, { body, ...(query && { query }) }),
    patch: (path, body, contentType = 'application/merge-patch+json') => call('PATCH', path, { body, contentType }),
    apply: (path, body, query) =>
      call('PATCH', path, {
        body,
        query: { fieldManager: 'tests', force: 'true', ...query },
        contentType: 'application/apply-patch+yaml',
      }),
    async delete(path, { propagationPolicy = 'Background' } = {}) {
      await call('DELETE', path, { body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy } }).catch(
        ignoreNotFound,
      );
    },
    request: answer,
    close: () => dispatcher.destroy(),
  };
}

function ignoreNotFound(error: unknown): undefined {
  if (error instanceof AdminError && error.status === 404) return undefined;
  throw error;
}
