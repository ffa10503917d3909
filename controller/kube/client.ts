/** Calls to the API server: JSON over HTTP, with the credentials of a kubeconfig or of the pod. */
import type { Readable } from 'node:stream';
import { type Dispatcher, request as send } from 'undici';
import { createConnection, type KubeconfigSource } from './connection.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { errorOf, KubeError, noAnswer } from './errors.ts';
import { readWatch, type WatchEvent } from './watch-stream.ts';

export { KubeError, saysAbsent, saysTerminating } from './errors.ts';
export type { WatchEvent } from './watch-stream.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, without a query: `/api/v1/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Anything that JSON can say. */
  readonly body?: unknown;
  /** `application/json` by default; a PATCH needs that of its kind. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole call; 30 s by default. */
  readonly timeoutMs?: number;
}

export interface KubeClient {
  /** The answer's JSON. Rejects with a `KubeError`, or with the reason of `signal`. Nothing is retried here. */
  request<T>(request: KubeRequest): Promise<T>;
  /**
   * The events of a watch; ends when the server ends it. Throws a `KubeError`, or the reason of `signal`.
   * `timeoutSeconds` of the query is what the server keeps to; 30 s after it the connection counts as dead.
   */
  watch(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Ends what runs. */
  close(): Promise<void>;
}

/** Milliseconds. */
const REQUEST_TIMEOUT = 30_000;
const WATCH_GRACE = 30_000;
/** Bookmarks come every minute (API server 1.36): without a byte for so long the connection is taken for dead. */
const WATCH_SILENCE = 180_000;
const DEFAULT_WATCH_SECONDS = 600;

/** Throws when there are no credentials, or the context isn't there. */
export function createKubeClient(source: KubeconfigSource = {}): KubeClient {
  const connection = createConnection(source);
  const closed = new AbortController();

  async function open(asked: KubeRequest, signal: AbortSignal, silence = 0): Promise<Dispatcher.ResponseData> {
    const { method, path, query, body, contentType = 'application/json' } = asked;
    const access = await connection.access();
    const answer = await send(new URL(`${access.server}${path}${queryString(query)}`), {
      method,
      dispatcher: access.dispatcher,
      signal,
      headers: {
        ...access.headers,
        accept: 'application/json',
        'user-agent': 'kubeless-triggers',
        ...(body !== undefined && { 'content-type': contentType }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: REQUEST_TIMEOUT,
      bodyTimeout: silence,
    });
    if (answer.statusCode < 300) return answer;
    if (answer.statusCode === 401) connection.refresh();
    throw errorOf(answer.statusCode, await answer.body.text(), headerOf(answer, 'retry-after'));
  }

  return {
    async request<T>(asked: KubeRequest): Promise<T> {
      const timeoutMs = asked.timeoutMs ?? REQUEST_TIMEOUT;
      const deadline = createDeadline(timeoutMs, [closed.signal, asked.signal]);
      try {
        const answer = await open(asked, deadline.signal);
        // The caller names the shape that the API documents for this path.
        return parseBody(await answer.body.text()) as T;
      } catch (error) {
        throw failureOf(error, deadline, asked.signal);
      } finally {
        deadline.end();
      }
    },
    async *watch(path, query, signal) {
      const seconds = Number(query.timeoutSeconds ?? DEFAULT_WATCH_SECONDS);
      const deadline = createDeadline(seconds * 1000 + WATCH_GRACE, [closed.signal, signal]);
      const asked = { method: 'GET', path, query: { ...query, watch: '1' } } as const;
      try {
        const answer = await open(asked, deadline.signal, WATCH_SILENCE);
        yield* readWatch(answer.body as Readable); // it is one, by undici's documentation
      } catch (error) {
        throw failureOf(error, deadline, signal);
      } finally {
        deadline.end();
      }
    },
    async close() {
      closed.abort(new KubeError('the client is closed', { status: 0, reason: 'Closed' }));
      await connection.close();
    },
  };
}

function queryString(query: Readonly<Record<string, string>> | undefined): string {
  return query === undefined || Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`;
}

function headerOf(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parseBody(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    // Without its cause, whose message quotes the body.
    throw new KubeError('the answer is not JSON', { status: 0, reason: 'InvalidAnswer' });
  }
}

/** What a failed call is rejected with: the caller's own reason where it gave up itself. */
function failureOf(error: unknown, deadline: Deadline, signal: AbortSignal | undefined): unknown {
  if (error instanceof KubeError) return error;
  if (signal?.aborted) return signal.reason;
  if (deadline.isOver()) {
    return new KubeError(`no answer within ${deadline.timeoutMs} ms`, { status: 0, reason: 'Timeout' });
  }
  return noAnswer(error);
}
