/** Makes the JSON Web Tokens that a Pulsar with token authentication accepts. */
import { createHmac, randomBytes } from 'node:crypto';

export interface TokenKey {
  /** The key as `tokenSecretKey` of standalone.conf takes it. */
  readonly setting: string;
  /** A token for `subject`; one that expires `expiresInSeconds` from now (negative: has expired) when that is given. */
  token(subject: string, expiresInSeconds?: number): string;
}

/** A new random signing key (HS256). */
export function createTokenKey(now: () => number = Date.now): TokenKey {
  const key = randomBytes(32);
  return {
    setting: `data:;base64,${key.toString('base64')}`,
    token(subject, expiresInSeconds) {
      const expiry = expiresInSeconds === undefined ? {} : { exp: Math.floor(now() / 1000) + expiresInSeconds };
      const unsigned = `${encode({ alg: 'HS256' })}.${encode({ sub: subject, ...expiry })}`;
      return `${unsigned}.${createHmac('sha256', key).update(unsigned).digest('base64url')}`;
    },
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
