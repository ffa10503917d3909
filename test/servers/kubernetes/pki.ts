/** Certificates of a cluster, made with the `openssl` command. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MissingToolsError } from './tools.ts';

/** Paths of PEM files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** The files' name. */
  readonly name: string;
  /** `/O=group/CN=user`: what Kubernetes takes for groups and user of a client. */
  readonly subject: string;
  /** `DNS:name` and `IP:address`, for servers. */
  readonly alternativeNames?: readonly string[];
}

export interface Authority {
  /** Path of the CA's certificate. */
  readonly ca: string;
  /** Path of its key, with which the controller manager signs. */
  readonly key: string;
  /** Path of the key pair's private half that signs tokens of ServiceAccounts. */
  readonly tokenKey: string;
  issue(request: CertificateRequest): Promise<Certificate>;
}

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];

/** Makes a certificate authority whose files lie in `folder`. Rejects with a `MissingToolsError` without openssl 3. */
export async function createAuthority(folder: string): Promise<Authority> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(folder, name);
  const ca = file('ca.crt');
  const key = file('ca.key');
  const tokenKey = file('service-accounts.key');
  await openssl([...NEW_KEY, '-subj', '/CN=kubernetes', '-keyout', key, '-out', ca]);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(tokenKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return {
    ca,
    key,
    tokenKey,
    async issue({ name, subject, alternativeNames }) {
      const certificate = { cert: file(`${name}.crt`), key: file(`${name}.key`) };
      const usage = alternativeNames ? 'serverAuth,clientAuth' : 'clientAuth';
      const extensions = ['basicConstraints=critical,CA:FALSE', `extendedKeyUsage=${usage}`];
      if (alternativeNames) extensions.push(`subjectAltName=${alternativeNames.join(',')}`);
      const signer = ['-CA', ca, '-CAkey', key, ...extensions.flatMap((extension) => ['-addext', extension])];
      const files = ['-keyout', certificate.key, '-out', certificate.cert];
      await openssl([...NEW_KEY, '-subj', subject, ...signer, ...files]);
      return certificate;
    },
  };
}

async function openssl(args: readonly string[]): Promise<void> {
  await run('openssl', ['req', '-x509', ...args]).catch((cause) => {
    const cure = 'install openssl 3 or newer (Debian, Ubuntu: openssl)';
    if (cause.code === 'ENOENT') throw new MissingToolsError(`making certificates: there is no 'openssl': ${cure}`);
    throw new Error(`making certificates with openssl: ${String(cause.stderr).trim()}; if it is older: ${cure}`, {
      cause,
    });
  });
}
