/** Why a connection to Pulsar failed or ended, as one sentence with its cure, for a log and a status. */
import type { DisconnectReason } from '../../../api/dispatcher-status.ts';
import type { Disconnection } from '../source.ts';
import { oneLine } from './broker-words.ts';

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
export function describeEnd(code: number, reason: string, { broker, topic, token }: FailureContext): Disconnection {
  const said = reason === '' ? '' : ` (${oneLine(reason, token)})`;
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

function codeAndMessage(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: oneLine(String(error)) };
  const code = 'code' in error ? String(error.code) : '';
  return { code, message: oneLine(error.message || code) };
}
