/** Why a connection to Pulsar failed or ended, as one sentence with its cure, for a log and a status. */
import type { DisconnectReason } from '../../../api/dispatcher-status.ts';
import type { Disconnection } from '../source.ts';
import { tokenExpiry } from './credentials.ts';

/** What the sentences speak of. */
export interface FailureContext {
  /** `host:port` */
  readonly broker: string;
  /** Full topic name. */
  readonly topic: string;
  readonly subscription: string;
  /** The token that was sent; only its expiry is ever told. */
  readonly token?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** For an HTTP answer instead of a WebSocket; `body` is Jetty's error page. */
export function describeRefusal(status: number, body: string, context: FailureContext): Disconnection {
  const { broker, topic, subscription } = context;
  const reason = reasonOf(body);
  switch (status) {
    case 400:
      return because(
        'SubscriptionInvalid',
        `Pulsar at ${broker} doesn't accept the subscription "${subscription}" on ${topic}: ${reason}`,
      );
    case 401:
      return because('Unauthorized', describeUnauthorized(context));
    case 403:
      return because(
        'Forbidden',
        `the token's role may not consume ${topic} with subscription "${subscription}": ` +
          `grant it "consume" on the namespace or topic`,
      );
    case 404:
      return describeNotFound(reason, context);
    case 409:
      return because(
        'SubscriptionBusy',
        `subscription "${subscription}" on ${topic} is in use in a way that admits no further consumer (${reason}): ` +
          `stop the other consumer, or give this trigger another subscription name or type`,
      );
    case 429:
    case 503:
      return because('BrokerUnavailable', `Pulsar at ${broker} is too busy or not ready for ${topic}: ${reason}`);
    default:
      return because('BrokerUnavailable', `Pulsar at ${broker} answered ${status} for ${topic}: ${reason}`);
  }
}

/** For a connection that couldn't be made, or ended with an error. */
export function describeError(error: unknown, { broker }: FailureContext): Disconnection {
  const { code, message } = codeAndMessage(error);
  switch (code) {
    case 'ECONNREFUSED':
      return because(
        'BrokerUnreachable',
        `nothing listens at ${broker}: check that the broker runs and that the port is its web service port`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return because(
        'BrokerUnreachable',
        `the name of ${broker} isn't found in DNS: correct the host in the broker URL`,
      );
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return because(
        'BrokerUnreachable',
        `${broker} can't be reached (${code}): check network policies and the address`,
      );
    case 'CERT_HAS_EXPIRED':
      return because('CertificateInvalid', `the certificate of ${broker} has expired: renew it on the broker`);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return because(
        'CertificateInvalid',
        `the certificate of ${broker} is for another host name: use that name, or set tls.verifyHostname to false`,
      );
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_GET_ISSUER_CERT':
      return because(
        'CertificateInvalid',
        `the certificate of ${broker} isn't signed by a known authority (${code}): name its CA in tls.caSecret, ` +
          `or a PEM file of it in NODE_EXTRA_CA_CERTS`,
      );
    default:
      return describeProtocolError(code, message, broker);
  }
}

/** For a first attempt that lasts longer than `after` milliseconds. */
export function describeSilence(broker: string, after: number, port: string): Disconnection {
  return because(
    'BrokerUnreachable',
    `${broker} hasn't answered for ${after / 1000} s, and is waited for: check that the broker runs, that the port is the ` +
      `${port}, and that nothing on the way drops connections`,
  );
}

/** For a WebSocket that stood and was closed. */
export function describeEnd(code: number, reason: string, { broker, topic }: FailureContext): Disconnection {
  const said = reason === '' ? '' : ` (${oneLine(reason)})`;
  if (code === 1006) {
    // All topics of a broker lose it together: one sentence for all of them.
    return because('ConnectionLost', `the connection to ${broker} broke without a goodbye`);
  }
  if (code === 1001) {
    return because('ConnectionLost', `Pulsar at ${broker} is shutting down or found the connection idle${said}`);
  }
  return because('ConnectionLost', `Pulsar at ${broker} closed the connection for ${topic} with code ${code}${said}`);
}

function because(reason: DisconnectReason, why: string): Disconnection {
  return { reason, why };
}

function describeProtocolError(code: string, message: string, broker: string): Disconnection {
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|wrong version number|packet length too long/.test(code + message)) {
    return because(
      'ProtocolMismatch',
      `${broker} speaks no TLS at this port: write ws:// (for a web service http://), or name the port that speaks TLS (8443)`,
    );
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return because(
      'ProtocolMismatch',
      `${broker} doesn't speak TLS as expected: check that wss:// goes to the TLS port, and the client certificate`,
    );
  }
  if (code.startsWith('HPE_') || message.includes('socket hang up')) {
    return because(
      'ProtocolMismatch',
      `${broker} doesn't speak the WebSocket API: the broker URL needs the web service port (8080 or 8443), not 6650, ` +
        'and wss:// where that port speaks TLS',
    );
  }
  if (message.includes('handshake has timed out')) {
    return because('BrokerUnreachable', `${broker} didn't answer the connection request in time`);
  }
  return because('BrokerUnreachable', `connecting to ${broker} failed: ${message}`);
}

function describeUnauthorized({ broker, token, now }: FailureContext): string {
  if (token === undefined) {
    return `Pulsar at ${broker} asks for a token and the trigger has none: set authTokenSecret`;
  }
  const expiry = tokenExpiry(token);
  if (expiry !== undefined && expiry <= now) {
    return `the token expired at ${new Date(expiry).toISOString()}: put a new one into the Secret of authTokenSecret`;
  }
  return `Pulsar at ${broker} doesn't accept the token: check that the broker's own key signed it`;
}

function describeNotFound(reason: string, { broker, topic }: FailureContext): Disconnection {
  if (/namespace|tenant|policies/i.test(reason)) {
    return because(
      'TopicNotFound',
      `the tenant or namespace of ${topic} doesn't exist: create it, or correct the topic name`,
    );
  }
  if (/topic|subscription/i.test(reason)) {
    return because(
      'TopicNotFound',
      `${topic} doesn't exist (${reason}): create it, or let the namespace create topics by itself`,
    );
  }
  return because(
    'ProtocolMismatch',
    `${broker} has no WebSocket API at this address: set webSocketServiceEnabled=true, or correct the URL's path`,
  );
}

function codeAndMessage(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: oneLine(String(error)) };
  const code = 'code' in error ? String(error.code) : '';
  return { code, message: oneLine(error.message || code) };
}

/** The reason in a page such as `<title>Error 404 Failed …: {"errorMsg":"Namespace not found","reqId":…}</title>`. */
function reasonOf(body: string): string {
  const title = /<title>(?:Error \d+ )?([\s\S]*?)<\/title>/.exec(body)?.[1] ?? body;
  const text = title
    .replace(/&quot;/g, '"')
    .replace(/&apos;|&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
  return oneLine(/"(?:errorMsg|reason)":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text) || 'no reason given';
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 300);
}
