/** Where the API server is and what opens it: a kubeconfig, or the ServiceAccount of the pod. */
import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { messageOf } from '../../common/errors.ts';
import { type ProxySettings, proxyAuthorization, proxyFor } from '../../common/proxy.ts';
import { KubeError } from './errors.ts';
import { FullKubeConfig, type Impersonation } from './kubeconfig.ts';

export interface KubeconfigSource {
  /** A file. By default the pod's ServiceAccount, outside a pod what kubectl would use. */
  readonly kubeconfig?: string;
  /** The file's current one by default. */
  readonly context?: string;
  /** For a cluster without a `proxy-url` of its own; none by default. */
  readonly proxy?: ProxySettings;
}

type Headers = Impersonation & { readonly Authorization?: string };

export interface Access {
  /** Without a slash at its end. */
  readonly server: string;
  readonly headers: Headers;
  readonly dispatcher: Dispatcher;
}

export interface Connection {
  /** Rejects when there are no credentials to be had: a file that went away, a command that failed. */
  access(): Promise<Access>;
  /** The server refused what it was given: it is read anew, but not sooner than a second after the last time. */
  refresh(): void;
  close(): Promise<void>;
}

/** Milliseconds that credentials are used without another look; tokens of pods are replaced at four fifths of an hour. */
const FRESH = 30_000;
const SHORTEST = 1_000;

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Throws when the kubeconfig can't be read or has no such context. */
export function createConnection(source: KubeconfigSource, now = () => performance.now()): Connection {
  let config = loadConfig(source);
  let current: Promise<Access> | undefined;
  let readAt: number | undefined;
  let agent: { readonly tls: string; readonly dispatcher: Dispatcher } | undefined;

  const isOlder = (age: number) => readAt === undefined || now() - readAt >= age;

  async function read(anew: boolean): Promise<Access> {
    if (anew) config = loadConfig(source);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const tls = tlsOf(options);
    const fingerprint = Object.values(tls).map(String).join('\n');
    if (agent?.tls !== fingerprint) {
      // Watches that run go on over the old one until their time is over.
      agent?.dispatcher.close().catch(() => {});
      agent = { tls: fingerprint, dispatcher: createDispatcher(config, tls, source.proxy ?? {}) };
    }
    return { server: serverOf(config), headers: headersOf(config, options), dispatcher: agent.dispatcher };
  }

  function renew(anew: boolean, fallback: Promise<Access> | undefined): Promise<Access> {
    readAt = now();
    const reading = read(anew).catch((cause: unknown) => {
      // A file that is just being replaced: what was good a moment ago is so still.
      if (fallback !== undefined) return fallback;
      current = undefined;
      throw new KubeError(`reading the credentials: ${harmless(cause)}`, { status: 0, reason: 'NoCredentials' });
    });
    current = reading;
    return reading;
  }

  return {
    async access() {
      if (current !== undefined && !isOlder(FRESH)) return current;
      return renew(readAt !== undefined && !keepsOwnTokens(config), current);
    },
    refresh() {
      if (isOlder(SHORTEST)) renew(true, undefined).catch(() => {});
    },
    async close() {
      await agent?.dispatcher.destroy();
    },
  };
}

function loadConfig({ kubeconfig, context }: KubeconfigSource): FullKubeConfig {
  const config = new FullKubeConfig();
  try {
    if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
    else if (existsSync(SERVICE_ACCOUNT_TOKEN)) config.loadFromCluster();
    else config.loadFromDefault();
  } catch (error) {
    throw new Error(`reading the kubeconfig ${kubeconfig ?? ''}: ${harmless(error)}`);
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster() === null) {
    const known = config.getContexts().map(({ name }) => name);
    throw new Error(
      `reading the kubeconfig: no cluster for the context ${config.getCurrentContext()}; it has ${known}`,
    );
  }
  return config;
}

/** Those of `exec` and `oidc` are renewed inside the KubeConfig, which another one would know nothing of. */
function keepsOwnTokens(config: KubeConfig): boolean {
  const user = config.getCurrentUser();
  return Boolean(user?.exec) || (Boolean(user?.authProvider) && !user?.authProvider.config?.tokenFile);
}

type Tls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'rejectUnauthorized' | 'servername'>;

function tlsOf({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }: RequestOptions): Tls {
  return withoutUndefined({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername });
}

/** undici takes an undefined `rejectUnauthorized` for false. */
function withoutUndefined(tls: { [name in keyof Tls]: Tls[name] | undefined }): Tls {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)) as Tls; // its own entries
}

/** Milliseconds: shorter than what load balancers allow an idle connection. */
const KEEP_ALIVE = 45_000;
const CONNECT_TIMEOUT = 10_000;

function createDispatcher(config: KubeConfig, tls: Tls, settings: ProxySettings): Dispatcher {
  const connect = { ...tls, timeout: CONNECT_TIMEOUT };
  const common = { keepAliveTimeout: KEEP_ALIVE, pipelining: 1 };
  const proxy = proxyOf(config, settings);
  if (proxy === undefined) return new Agent({ ...common, connect });
  const token = proxyAuthorization(proxy);
  return new ProxyAgent({ ...common, uri: proxy.origin, requestTls: connect, ...(token !== undefined && { token }) });
}

function proxyOf(config: KubeConfig, settings: ProxySettings): URL | undefined {
  const own = config.getCurrentCluster()?.proxyUrl;
  if (!own) return proxyFor(new URL(serverOf(config)), settings);
  if (!/^https?:/.test(own)) throw new Error('the proxy-url of the cluster must begin with http: or https:');
  return new URL(own);
}

function serverOf(config: KubeConfig): string {
  return (config.getCurrentCluster()?.server ?? '').replace(/\/+$/, '');
}

function headersOf(config: FullKubeConfig, { headers, auth }: RequestOptions): Headers {
  const found = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value).trim()]);
  const basic = auth ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  const all: Headers = { ...Object.fromEntries(found), ...basic, ...config.impersonation };
  const file = config.getCurrentUser()?.authProvider?.config?.tokenFile;
  // Nobody's name would be a call as anybody's.
  if (file && !all.Authorization?.replace(/^Bearer$/, '')) throw new Error(`the token file ${file} is empty`);
  return all;
}

/** What parsers say quotes what they read, which may be a token. */
function harmless(error: unknown): string {
  if (error instanceof SyntaxError) return 'not JSON';
  if (error instanceof Error && error.name === 'YAMLException') return 'not YAML';
  return messageOf(error).slice(0, 256).trim();
}
