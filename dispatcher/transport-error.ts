/** Says in words why a call got no answer, from the error alone and without anything of the URL but host and port. */

export interface TransportFailure {
  /** Stable and CamelCase. */
  readonly reason: string;
  readonly message: string;
}

/**
 * `peer` begins the sentence: `The function`. `isSilent`: nothing came over a new connection without TLS, which is how a
 * port with TLS behaves.
 */
export function describeTransportError(error: Error, peer: string, isSilent = false): TransportFailure {
  const cause = firstCause(error);
  if (cause.name === 'TimeoutError') {
    return { reason: 'Timeout', message: `${peer} did not answer in time` };
  }
  const code = codeOf(cause);
  if (code === 'ERR_PROXY') return { reason: 'ProxyFailed', message: cause.message };
  const known = KNOWN[code] ?? tlsFailure(code) ?? KNOWN[cause.name];
  if (known !== undefined) {
    const message = known.message.replace('PEER', peer).replace('WHERE', whereOf(cause));
    return { reason: known.reason, message: isSilent && CLOSED.has(known.reason) ? message + TLS_HINT : message };
  }
  const what = code === '' ? cause.name : code;
  return { reason: 'NoAnswer', message: `${peer} gave no answer: the call failed with ${what}` };
}

/** The part of a system error, or of one of undici's, that is read here. */
interface SystemError extends Error {
  readonly code?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
}

/** By code, or by name where an error has none. */
const KNOWN: Readonly<Record<string, TransportFailure>> = {
  ECONNREFUSED: { reason: 'ConnectionRefused', message: 'PEER refused the connectionWHERE' },
  ENOTFOUND: { reason: 'NameNotFound', message: 'PEER has an unknown host nameWHERE' },
  EAI_AGAIN: { reason: 'NameLookupFailed', message: "The host name of the URL couldn't be looked upWHERE" },
  EHOSTUNREACH: { reason: 'Unreachable', message: "PEER can't be reached: no route to the hostWHERE" },
  ENETUNREACH: { reason: 'Unreachable', message: "PEER can't be reached: no route to the networkWHERE" },
  ETIMEDOUT: { reason: 'ConnectTimeout', message: 'PEER did not accept a connection in timeWHERE' },
  UND_ERR_CONNECT_TIMEOUT: { reason: 'ConnectTimeout', message: 'PEER did not accept a connection in timeWHERE' },
  ECONNRESET: { reason: 'ConnectionReset', message: 'PEER reset the connection before its answer was complete' },
  EPIPE: { reason: 'ConnectionReset', message: 'PEER reset the connection before its answer was complete' },
  UND_ERR_SOCKET: { reason: 'ConnectionClosed', message: 'PEER closed the connection before its answer was complete' },
  ERR_ANSWER_NOT_HTTP: { reason: 'InvalidAnswer', message: "PEER gave an answer that isn't HTTP/1.1" },
  ERR_ANSWER_TLS: { reason: 'InvalidAnswer', message: 'PEER answered in TLS, so that its URL needs https' },
  ERR_ANSWER_STATUS: {
    reason: 'InvalidAnswer',
    message: 'PEER answered with a status below 100, which is none of HTTP',
  },
  ERR_ANSWER_UPGRADE: {
    reason: 'InvalidAnswer',
    message: 'PEER answered 101 Switching Protocols, although no other protocol was asked for',
  },
  ERR_ANSWER_HEADERS_TOO_LARGE: { reason: 'InvalidAnswer', message: 'PEER answered with too many bytes of headers' },
  // The client's own parser stands behind ours: what it throws is still the answer's doing.
  HTTPParserError: { reason: 'InvalidAnswer', message: "PEER gave an answer that isn't HTTP/1.1" },
  UND_ERR_HEADERS_OVERFLOW: { reason: 'InvalidAnswer', message: 'PEER answered with too many bytes of headers' },
  ERR_ASSERTION: { reason: 'InvalidAnswer', message: "PEER gave an answer that can't be understood" },
};

/** The reasons of a connection that ended early. */
const CLOSED: ReadonlySet<string> = new Set(['ConnectionClosed', 'ConnectionReset']);
const TLS_HINT = '; if its port speaks TLS, write https:// in its URL';

function tlsFailure(code: string): TransportFailure | undefined {
  const [, what = ''] = TLS_CODES.find(([codes]) => codes.test(code)) ?? [];
  return what === '' ? undefined : { reason: 'TlsFailed', message: `PEER ${what.replace('CODE', code)}` };
}

/** OpenSSL's verification results and Node's own codes around TLS, each with what to do; the first that matches counts. */
const TLS_CODES: readonly (readonly [codes: RegExp, what: string])[] = [
  [/^CERT_HAS_EXPIRED$/, 'has a certificate that has expired (CODE): renew it'],
  [/^CERT_NOT_YET_VALID$/, "has a certificate that isn't valid yet (CODE): compare the clocks of both machines"],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    'has a certificate for another host name (CODE): use a name of the certificate in the URL',
  ],
  [
    /^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_VERIFY_|UNABLE_TO_GET_ISSUER_|INVALID_CA$|CERT_UNTRUSTED$)/,
    'has a certificate of an unknown authority (CODE): have NODE_EXTRA_CA_CERTS name a PEM file of that authority',
  ],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/,
    'speaks no TLS at this port (CODE): write http:// in its URL, or name the port that speaks TLS',
  ],
  [/^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_)/, 'could not be connected to over TLS (CODE)'],
];

/** Connecting to a name with several addresses fails with an AggregateError. */
function firstCause(error: Error): SystemError {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return error.errors[0];
  }
  return error;
}

function codeOf(error: SystemError): string {
  return typeof error.code === 'string' ? error.code : '';
}

function whereOf(error: SystemError): string {
  if (typeof error.address === 'string') {
    return ` (${error.address.includes(':') ? `[${error.address}]` : error.address}:${String(error.port)})`;
  }
  return typeof error.hostname === 'string' ? ` (${error.hostname})` : '';
}
