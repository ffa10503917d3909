/** The credentials of one Pulsar trigger, read anew for each connection. */
import { isToken } from '../../../api/kinds/pulsar-names.ts';
import type { PulsarSourceSpec } from '../../../api/trigger.ts';
import { type TlsIdentity, type TlsOptions, tlsOptions, trustedAuthoritiesFile } from '../../../common/tls.ts';
import type { SecretReader } from '../secrets.ts';

export interface Credentials {
  /** The token as it is now; absent when the trigger names none. Throws an Error that names the Secret and the cure. */
  token(): string | undefined;
  /** Options for `node:tls` to connect to a URL; undefined when its scheme has no TLS. Throws like `token`. */
  tls(url: string): BrokerTls | undefined;
  /** The files behind `tls`, for a client that reads them itself, and by default trusts less than the system does. */
  tlsFiles(): TlsFiles;
}

export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface BrokerTls extends TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity?: () => undefined;
}

export function createCredentials(source: PulsarSourceSpec, secrets: SecretReader): Credentials {
  return {
    token() {
      const { authToken, authTokenSecret: secret } = source;
      if (secret !== undefined)
        return plainToken(secrets.read(secret), `key "${secret.key}" of Secret "${secret.name}"`);
      return authToken && plainToken(authToken.reveal(), 'auth-token');
    },
    tls(url) {
      const { caSecret, certSecret, allowInsecure, verifyHostname } = source.tls;
      const ca = caSecret && secrets.read(caSecret);
      const cert = certSecret && secrets.read({ name: certSecret.name, key: 'tls.crt' });
      const key = certSecret && secrets.read({ name: certSecret.name, key: 'tls.key' });
      const options = checkedOptions(url, { ca, cert, key }, certSecret?.name);
      if (options === undefined) return undefined;
      return {
        ...options,
        rejectUnauthorized: !allowInsecure,
        ...(!verifyHostname && { checkServerIdentity: () => undefined }),
      };
    },
    tlsFiles() {
      const { caSecret, certSecret } = source.tls;
      const ca = caSecret ? secrets.path(caSecret) : defaultAuthorities(source.broker);
      return {
        ...(ca !== undefined && { ca }),
        ...(certSecret && {
          cert: secrets.path({ name: certSecret.name, key: 'tls.crt' }),
          key: secrets.path({ name: certSecret.name, key: 'tls.key' }),
        }),
      };
    },
  };
}

/** Throws an Error that says what `place` holds instead of a token. */
function plainToken(text: string, place: string): string {
  const token = text.trim();
  // What Pulsar's own settings and HTTP's headers write before it.
  const [prefix] = /^(?:token:|file:|data:|bearer\s|basic\s)/i.exec(token) ?? [];
  if (prefix !== undefined) {
    throw new Error(`${place} begins with "${prefix.trim()}": put the token alone into it, without that prefix`);
  }
  if (token !== '' && isToken(token)) return token;
  throw new Error(`${place} holds no token: put the token alone into it, without line breaks`);
}

/** OpenSSL's own message names neither the Secret nor the cure. */
function checkedOptions(url: string, identity: TlsIdentity, secret: string | undefined): TlsOptions | undefined {
  try {
    return tlsOptions(url, identity);
  } catch (cause) {
    if (secret === undefined) throw cause;
    throw new Error(
      `keys "tls.crt" and "tls.key" of Secret "${secret}" hold no certificate with its key: put both into it as PEM`,
      { cause },
    );
  }
}

function defaultAuthorities(broker: string): string | undefined {
  return /^(?:pulsar\+ssl|https):/i.test(broker) ? trustedAuthoritiesFile() : undefined;
}

/** When a JWT ends, in milliseconds since the epoch; absent for tokens that never end or aren't JWTs. */
export function tokenExpiry(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return undefined;
    return typeof claims.exp === 'number' ? claims.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
