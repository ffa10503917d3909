/** Kubeconfig files. */
import { writeFile } from 'node:fs/promises';

export interface KubeconfigOptions {
  readonly url: string;
  /** PEM. */
  readonly ca?: string | undefined;
  /** Fields of the user: `token`, or paths as `client-certificate` and `client-key`. */
  readonly user: Readonly<Record<string, string>>;
  /** Default `default`. */
  readonly namespace?: string;
}

/** Writes a kubeconfig with one context; JSON is YAML. */
export async function writeKubeconfig(file: string, { url, ca, user, namespace }: KubeconfigOptions): Promise<void> {
  const authority = ca ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') } : {};
  const context = { cluster: 'tests', user: 'tests', ...(namespace && { namespace }) };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'tests', cluster: { server: url, ...authority } }],
    users: [{ name: 'tests', user }],
    contexts: [{ name: 'tests', context }],
    'current-context': 'tests',
  };
  await writeFile(file, JSON.stringify(kubeconfig, undefined, 2), { mode: 0o600 });
}
