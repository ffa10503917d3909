/** POSTs to one URL and says what became of it: connections, redirects, bounded answers, exact abort. */
import { type ProxySettings, proxyFor } from '../../common/proxy.ts';
import type { Outcome } from '../outcome.ts';
import { AbortHooks } from './abort-hooks.ts';
import { HttpCall, type HttpCallContext, type HttpCallRequest } from './http-call.ts';
import { type Connections, createConnections } from './http-connections.ts';
import { authorizationOf, parseTarget } from './http-target.ts';

export interface HttpCallerOptions {
  /** Any http(s) URL; user info becomes `Authorization: Basic`, for its own origin alone. */
  readonly url: string;
  /** How the other side is called in messages, e.g. `The function`. */
  readonly peer: string;
  /** Connections, and with them calls at one time. */
  readonly maxConnections: number;
  /** Milliseconds until a connection is renewed; 30 s by default. */
  readonly maxConnectionAge?: number | undefined;
  /** PEM certificates to trust in place of the default ones. */
  readonly ca?: readonly string[] | undefined;
  /** None by default. */
  readonly proxy?: ProxySettings | undefined;
  /** Milliseconds of a monotonic clock, for the age of connections. */
  readonly now?: (() => number) | undefined;
  readonly random?: (() => number) | undefined;
}

export interface HttpCaller {
  /**
   * Answers with a list of one, which is what a sink wants. Headers are names and values in turn. Rejects only when the
   * signal is aborted: at once and with its reason; the request is then destroyed. A time-out after the head of the answer
   * doesn't reject: the status counts. On a kept connection that turns out to be closed the request is sent a second time.
   */
  post(headers: string[], body: Buffer, signal: AbortSignal): Promise<readonly [Outcome]>;
  /** Finishes the calls that run, then closes. Idempotent. */
  close(): Promise<void>;
}

/** Throws a TypeError when the URL isn't absolute http(s). */
export function createHttpCaller(options: HttpCallerOptions): HttpCaller {
  const origins = new Map<string, Connections>();
  let running = 0;
  let drained: (() => void) | undefined;
  let closing: Promise<void> | undefined;

  const context: HttpCallContext = {
    home: parseTarget(options.url),
    authorization: authorizationOf(options.url),
    peer: options.peer,
    monotonic: options.now ?? (() => performance.now()),
    connectionsOf,
    aborts: new AbortHooks(),
    ended() {
      running -= 1;
      if (running === 0) {
        drained?.();
      }
    },
  };

  function connectionsOf(origin: string): Connections {
    const known = origins.get(origin);
    if (known !== undefined) {
      return known;
    }
    const made = createConnections({
      origin,
      max: options.maxConnections,
      maxAge: options.maxConnectionAge ?? DEFAULT_CONNECTION_AGE,
      ca: options.ca,
      proxy: proxyFor(new URL(origin), options.proxy ?? {}),
      now: context.monotonic,
      random: options.random ?? Math.random,
    });
    origins.set(origin, made);
    forgetOldest();
    return made;
  }

  function forgetOldest(): void {
    for (const [origin, connections] of origins) {
      if (origins.size <= MAX_ORIGINS) {
        return;
      }
      if (origin !== context.home.origin) {
        origins.delete(origin);
        void connections.close();
      }
    }
  }

  function start(request: HttpCallRequest): void {
    running += 1;
    new HttpCall(context, request, context.home, 0).start();
  }

  return {
    post: (headers, body, signal) =>
      new Promise((resolve, reject) => start({ headers, body, signal, resolve, reject })),
    close() {
      closing ??= (async () => {
        if (running > 0) {
          await new Promise<void>((resolve) => {
            drained = resolve;
          });
        }
        await Promise.all([...origins.values()].map((connections) => connections.close()));
      })();
      return closing;
    },
  };
}

/** Long enough to cost nothing, short enough that a function which scales out gets load soon. */
const DEFAULT_CONNECTION_AGE = 30_000;
/** Origins that are kept connected; redirects lead to more than one. */
const MAX_ORIGINS = 8;
