/** One POST from its first byte to its outcome. */
import type { Dispatcher } from 'undici';
import { classify, type Outcome } from '../outcome.ts';
import type { Abortable, AbortHooks } from './abort-hooks.ts';
import { type Borrower, type Connection, type Connections, comesOfAge } from './http-connections.ts';
import { type HttpTarget, resolveTarget } from './http-target.ts';
import { ProxyError, refusal } from './proxy.ts';

/** What all calls of one caller share. */
export interface HttpCallContext {
  readonly home: HttpTarget;
  /** For the origin of `home` alone. */
  readonly authorization: string | undefined;
  readonly peer: string;
  /** Milliseconds of a monotonic clock. */
  readonly monotonic: () => number;
  connectionsOf(origin: string): Connections;
  readonly aborts: AbortHooks;
  /** Called once for each call that was started, when it is over. */
  ended(): void;
}

/** What is sent, and who waits for the outcome. It goes from hop to hop when the answer is a redirect. */
export interface HttpCallRequest {
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer;
  readonly signal: AbortSignal;
  readonly resolve: (outcomes: readonly [Outcome]) => void;
  readonly reject: (reason: unknown) => void;
}

/** Bytes of an answer that are read so that its connection can be used again; beyond, it is closed instead. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_REDIRECTS = 5;
/** Proxy Authentication Required: not the answer of the function. */
const PROXY_REFUSES = 407;
/** Milliseconds within which a peer that had closed the connection before lets us know, with time for a busy machine. */
const JUST_SENT = 1000;

/** One object a hop, which is undici's handler as well: this is the hottest path there is. */
export class HttpCall implements Dispatcher.DispatchHandler, Borrower, Abortable {
  readonly #context: HttpCallContext;
  readonly #request: HttpCallRequest;
  readonly #target: HttpTarget;
  readonly #redirects: number;
  readonly #connections: Connections;
  #connection: Connection | undefined;
  #over = false;
  /** When the connection was lent; a kept one is written to at once. */
  #lentAt = 0;
  #isSent = false;
  #status = 0;
  #received = 0;
  #retryAfter: string | undefined;
  #location: string | undefined;

  constructor(context: HttpCallContext, request: HttpCallRequest, target: HttpTarget, redirects: number) {
    this.#context = context;
    this.#request = request;
    this.#target = target;
    this.#redirects = redirects;
    this.#connections = context.connectionsOf(target.origin);
  }

  start(): void {
    const { signal } = this.#request;
    if (signal.aborted) {
      this.aborted();
      return;
    }
    this.#context.aborts.add(signal, this);
    this.#connections.take(this);
  }

  use(connection: Connection): void {
    if (this.#over) {
      this.#connections.giveBack(connection);
      return;
    }
    this.#connection = connection;
    this.#send(connection);
  }

  #send(connection: Connection): void {
    const { authorization, home, monotonic } = this.#context;
    const { headers, body } = this.#request;
    const { origin, path } = this.#target;
    const options: Dispatcher.DispatchOptions = { origin, path, method: 'POST', headers, body };
    if (authorization !== undefined && origin === home.origin) {
      options.headers = ['authorization', authorization, ...headers];
    }
    const { forward } = this.#connections;
    if (forward !== undefined) {
      options.path = origin + path;
      options.headers = [...forward.headers, ...(options.headers as string[])];
    }
    this.#lentAt = monotonic();
    this.#isSent = false;
    if (comesOfAge(connection, this.#lentAt)) {
      options.reset = true;
    }
    connection.client.dispatch(options, this);
  }

  /** The signal is aborted. */
  aborted(): void {
    const { reason } = this.#request.signal;
    if (this.#status > 0 && isTimeout(reason)) {
      this.#drop();
      this.#answered();
      return;
    }
    this.#end();
    this.#drop();
    this.#context.ended();
    this.#request.reject(reason);
  }

  /** The request is written now. */
  onRequestStart(): void {
    this.#isSent = true;
    this.#connection?.answer.expect();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    this.#status = status;
    if (status >= 300) {
      this.#retryAfter = first(headers['retry-after']);
      this.#location = first(headers.location);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#received > MAX_ANSWER_BYTES && !this.#over) {
      this.#drop();
      this.#answered();
    }
  }

  onResponseEnd(): void {
    if (!this.#over) {
      this.#answered();
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) {
      return;
    }
    const connection = this.#connection;
    if (connection?.answer.reused && this.#isUnanswered(connection)) {
      // The peer had closed the connection before it knew of this request: nobody's failure. The new one is tried once.
      this.#connection = this.#connections.renew(connection);
      this.#send(this.#connection);
      return;
    }
    const { forward } = this.#connections;
    const isPlain = forward === undefined && this.#target.origin.startsWith('http:');
    const isSilent = isPlain && connection !== undefined && !connection.answer.begun && !connection.answer.reused;
    // A client whose request failed isn't always fit for another one: after some errors it would never send it.
    this.#drop();
    if (this.#status > 0) {
      // The head says what became of the record; its body isn't used, so that it may as well be broken.
      this.#answered();
    } else {
      this.#finish(classify(error, { peer: this.#context.peer, isSilent }));
    }
  }

  /** Nothing was sent yet, or just now, and no answer has begun: later, its peer knows of the call and works on it. */
  #isUnanswered({ answer }: Connection): boolean {
    if (!this.#isSent) return true;
    return !answer.begun && this.#context.monotonic() - this.#lentAt < JUST_SENT;
  }

  #answered(): void {
    if (this.#status === PROXY_REFUSES && this.#connections.forward !== undefined) {
      const { proxy } = this.#connections.forward;
      this.#finish(classify(new ProxyError(refusal(proxy, this.#status)), this.#context));
      return;
    }
    if (this.#status === 307 || this.#status === 308) {
      this.#redirect();
      return;
    }
    this.#finish(classify({ status: this.#status, retryAfter: this.#retryAfter }, this.#context));
  }

  #redirect(): void {
    const target = this.#location === undefined ? undefined : resolveTarget(this.#location, this.#target);
    if (target === undefined) {
      this.#finish(classify({ status: this.#status }, this.#context));
      return;
    }
    if (this.#redirects === MAX_REDIRECTS) {
      this.#finish({
        kind: 'retry',
        reason: 'TooManyRedirects',
        message: `${this.#context.peer} redirected more than ${MAX_REDIRECTS} times`,
        status: this.#status,
      });
      return;
    }
    this.#end();
    this.#giveBack();
    new HttpCall(this.#context, this.#request, target, this.#redirects + 1).start();
  }

  #finish(outcome: Outcome): void {
    this.#end();
    this.#giveBack();
    this.#context.ended();
    this.#request.resolve([outcome]);
  }

  #end(): void {
    this.#over = true;
    this.#context.aborts.remove(this.#request.signal, this);
  }

  #giveBack(): void {
    if (this.#connection !== undefined) {
      this.#connections.giveBack(this.#connection);
      this.#connection = undefined;
    }
  }

  #drop(): void {
    if (this.#connection !== undefined) {
      this.#connections.drop(this.#connection);
      this.#connection = undefined;
    }
  }
}

/** Of the pipeline's deadline, and of `AbortSignal.timeout`. */
function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && (reason.name === 'DeadlineError' || reason.name === 'TimeoutError');
}

type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

function first(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
