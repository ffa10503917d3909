/** The credentials of one Pulsar trigger, read anew for each connection. */
import type { PulsarSourceSpec } from '../../../api/trigger.ts';
import type { SecretReader } from '../secrets.ts';

export interface Credentials {
  /** The token as it is now; absent when the trigger names none. Throws an Error that names the Secret and the cure. */
  token(): string | undefined;
  /** Options for `node:tls`. Throws like `token`. */
  tls(): TlsOptions;
  /** The files behind `tls`, for a client that reads them itself. */
  tlsFiles(): TlsFiles;
}

export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity?: () => undefined;
}

export function createCredentials(source: PulsarSourceSpec, secrets: SecretReader): Credentials {
  return {
    token() {
      if (source.authTokenSecret === undefined) return source.authToken?.reveal();
      const { name, key } = source.authTokenSecret;
      const token = secrets.read(source.authTokenSecret).trim();
      if (/^[\x21-\x7e]+$/.test(token)) return token;
      throw new Error(
        `key "${key}" of Secret "${name}" holds no token: put the token alone into it, without line breaks`,
      );
    },
    tls() {
      const { caSecret, certSecret, allowInsecure, verifyHostname } = source.tls;
      return {
        ...(caSecret && { ca: secrets.read(caSecret) }),
        ...(certSecret && {
          cert: secrets.read({ name: certSecret.name, key: 'tls.crt' }),
          key: secrets.read({ name: certSecret.name, key: 'tls.key' }),
        }),
        rejectUnauthorized: !allowInsecure,
        ...(!verifyHostname && { checkServerIdentity: () => undefined }),
      };
    },
    tlsFiles() {
      const { caSecret, certSecret } = source.tls;
      return {
        ...(caSecret && { ca: secrets.path(caSecret) }),
        ...(certSecret && {
          cert: secrets.path({ name: certSecret.name, key: 'tls.crt' }),
          key: secrets.path({ name: certSecret.name, key: 'tls.key' }),
        }),
      };
    },
  };
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
