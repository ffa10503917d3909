/** Keep-alive connections to one origin: one request at a time each, and every one renewed when it comes of age. */
import { buildConnector, Client } from 'undici';
import { tlsOptions } from '../../common/tls.ts';
import { AnswerTap } from './answer-tap.ts';
import { connectorOf, forwardHeaders, tunnelled } from './proxy.ts';

export interface ConnectionsOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly max: number;
  /** Milliseconds after which a connection takes its last request. */
  readonly maxAge: number;
  /** PEM certificates to trust in place of the default ones. */
  readonly ca?: readonly string[] | undefined;
  readonly proxy?: URL | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** Lends connections. At most `max` are lent at once; who asks for more waits in turn. */
export interface Connections {
  /** Set where a proxy forwards requests, which name the whole URL then. */
  readonly forward: Forward | undefined;
  /** Lends a connection: at once when one is free. */
  take(borrower: Borrower): void;
  giveBack(connection: Connection): void;
  /** Gives a connection back that is no good any more, or whose request is to be destroyed, in whatever state it is. */
  drop(connection: Connection): void;
  /** Drops a connection and lends a new one in its place, on which nothing was sent yet. */
  renew(connection: Connection): Connection;
  /** Closes what is idle now and the rest as it comes back. */
  close(): Promise<void>;
}

export interface Forward {
  readonly proxy: URL;
  /** Names and values in turn, of each request. */
  readonly headers: readonly string[];
}

export interface Borrower {
  use(connection: Connection): void;
}

/** A connection that is lent for one request. */
export interface Connection {
  readonly client: Client;
  readonly answer: AnswerTap;
  /** When it comes of age, by the clock; Infinity while there is no socket. */
  expires: number;
}

/** True for the last request of a connection: sent with `Connection: close`, so that no request is ever cut off. */
export function comesOfAge(connection: Connection, now: number): boolean {
  if (now < connection.expires) {
    return false;
  }
  connection.expires = Number.POSITIVE_INFINITY;
  return true;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const { max, maxAge, now, random } = options;
  const { client: base, connect, forward } = routeOf(options);
  const all = new Set<Connection>();
  // The last one used is taken first: what a lower load doesn't need falls idle and is closed.
  const free: Connection[] = [];
  const waiting: Borrower[] = [];

  function createConnection(): Connection {
    const answer = new AnswerTap();
    const client = new Client(base, { ...CLIENT_OPTIONS, connect: tapped(connect, answer) });
    const connection = { client, answer, expires: Number.POSITIVE_INFINITY };
    // A share of the age is random, so that connections made together aren't all renewed together.
    client.on('connect', () => {
      connection.expires = now() + maxAge * (1 - 0.2 * random());
    });
    client.on('disconnect', () => {
      connection.expires = Number.POSITIVE_INFINITY;
      answer.disconnected();
    });
    all.add(connection);
    return connection;
  }

  function giveBack(connection: Connection): void {
    const next = waiting.shift();
    if (next === undefined) {
      free.push(connection);
      return;
    }
    next.use(connection);
  }

  /** Aborting the request alone would make undici connect anew, for nothing. */
  function discard(connection: Connection): void {
    all.delete(connection);
    void connection.client.destroy(ABANDONED);
  }

  return {
    forward,
    take(borrower) {
      const connection = free.pop() ?? (all.size < max ? createConnection() : undefined);
      if (connection === undefined) {
        waiting.push(borrower);
        return;
      }
      borrower.use(connection);
    },
    giveBack,
    drop(connection) {
      discard(connection);
      const next = waiting.shift();
      next?.use(createConnection());
    },
    renew(connection) {
      discard(connection);
      return createConnection();
    },
    async close() {
      await Promise.all([...all].map(({ client }) => client.close()));
    },
  };
}

/** What a client connects to and how. */
interface Route {
  readonly client: string;
  readonly connect: buildConnector.connector;
  readonly forward: Forward | undefined;
}

function routeOf({ origin, ca, proxy }: ConnectionsOptions): Route {
  const direct = buildConnector({ ...tlsOptions(origin, { ca }), timeout: CONNECT_TIMEOUT });
  if (proxy === undefined) return { client: origin, connect: direct, forward: undefined };
  if (origin.startsWith('https:')) {
    return { client: origin, connect: tunnelled(direct, proxy, CONNECT_TIMEOUT), forward: undefined };
  }
  const forward = { proxy, headers: forwardHeaders(proxy, origin) };
  return { client: proxy.origin, connect: connectorOf(proxy, CONNECT_TIMEOUT), forward };
}

const CONNECT_TIMEOUT = 10_000;
/** Told to the connection alone: its call is over already. */
const ABANDONED = new Error('nobody waits for this answer');

const CLIENT_OPTIONS: Client.Options = {
  pipelining: 1,
  // The caller keeps the time-out, to the millisecond, through its signal.
  headersTimeout: 0,
  bodyTimeout: 0,
};

function tapped(connect: buildConnector.connector, answer: AnswerTap): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      const [error, socket] = result;
      if (error === null) answer.attach(socket);
      callback(...result);
    });
}
