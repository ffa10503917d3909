/** TLS of every connection to a function, a dead letter or a broker: which authorities count, and which name is asked for. */
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/** PEM. */
export interface TlsIdentity {
  /** Authorities to trust in place of those of Node, of NODE_EXTRA_CA_CERTS and of the system. */
  readonly ca?: string | readonly string[] | undefined;
  /** A certificate to log in with, and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Options for `node:tls`, and for what hands its options on to it. */
export interface TlsOptions {
  readonly secureContext: SecureContext;
  /** Empty for an address, which has no name to ask for. */
  readonly servername: string;
}

/** Undefined for a URL whose scheme has no TLS. Throws when a certificate or key isn't one. */
export function tlsOptions(url: string, identity: TlsIdentity = {}): TlsOptions | undefined {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'wss:') return undefined;
  return { secureContext: secureContextOf(identity), servername: serverName(hostname) };
}

/** The authorities that count where no others are named: read once, when they are first needed. */
function trustedAuthorities(): readonly string[] {
  trusted ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return trusted;
}

let trusted: readonly string[] | undefined;

/**
 * A PEM file of `trustedAuthorities`, for client libraries that take nothing but a file. It is there until the process
 * ends. Throws when the folder for temporary files can't be written.
 */
export function trustedAuthoritiesFile(): string {
  trustedFile ??= writeForThisProcess('authorities.pem', `${trustedAuthorities().join('\n')}\n`);
  return trustedFile;
}

let trustedFile: string | undefined;

function writeForThisProcess(name: string, text: string): string {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'kubeless-triggers-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  } catch (cause) {
    throw new Error(`writing ${name} to ${tmpdir()} failed: make that folder writable, or name another one in TMPDIR`, {
      cause,
    });
  }
}

/** In TLS a name has no dot at its end (RFC 6066, 3), which in DNS says that it is complete. */
function serverName(hostname: string): string {
  const name = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return isIP(name) === 0 ? name : '';
}

/** To parse all authorities takes tens of milliseconds, so that connections share what they can. */
function secureContextOf({ ca, cert, key }: TlsIdentity): SecureContext {
  const id = hash('sha256', JSON.stringify([ca, cert, key]));
  const known = contexts.get(id);
  if (known !== undefined) return known;
  const made = createSecureContext({ ca: [ca ?? trustedAuthorities()].flat(), cert, key });
  const [oldest] = contexts.keys();
  if (contexts.size >= MAX_CONTEXTS && oldest !== undefined) contexts.delete(oldest);
  contexts.set(id, made);
  return made;
}

const contexts = new Map<string, SecureContext>();
/** Certificates are renewed now and then; the old ones go. */
const MAX_CONTEXTS = 4;
