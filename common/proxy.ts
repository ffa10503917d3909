/** Which proxy a call goes through, by the variables that kubectl, Go and curl read. */
import { BlockList, isIP } from 'node:net';
import { maskUrl } from './mask-url.ts';

export interface ProxySettings {
  /** For `http:`; the URL of a proxy, with user info where it asks for that. */
  readonly http?: string;
  /** For `https:`. */
  readonly https?: string;
  /** Hosts that are called without: names with or without the names below them, addresses, networks, `*`. */
  readonly noProxy?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or not. */
export function readProxySettings(env: Environment): ProxySettings {
  const of = (name: string) => env[name] || env[name.toLowerCase()];
  return proxySettings(of('HTTP_PROXY'), of('HTTPS_PROXY'), of('NO_PROXY'));
}

/** An empty text is none. */
export function proxySettings(http?: string, https?: string, noProxy?: string): ProxySettings {
  return { ...(http && { http }), ...(https && { https }), ...(noProxy && { noProxy }) };
}

/** One sentence for each proxy that is none. */
export function proxyProblems({ http, https }: ProxySettings): readonly string[] {
  return Object.entries({ HTTP_PROXY: http, HTTPS_PROXY: https }).flatMap(([name, text]) => {
    const mistake = text === undefined ? undefined : proxyMistake(text);
    return mistake === undefined ? [] : [`${name} ${mistake}`];
  });
}

/** One sentence for each proxy, of the flags that name those of dispatchers, that is none or that has a password. */
export function dispatcherProxyProblems({ http, https }: ProxySettings): readonly string[] {
  const flags = { '--dispatcher-http-proxy': http, '--dispatcher-https-proxy': https };
  return Object.entries(flags).flatMap(([flag, text]) => {
    const mistake = text === undefined ? undefined : publicProxyMistake(text);
    return mistake === undefined ? [] : [`${flag} ${mistake}`];
  });
}

/** Of a proxy that stands where anybody may read it. */
function publicProxyMistake(text: string): string | undefined {
  const mistake = proxyMistake(text);
  const url = proxyUrl(text);
  if (mistake !== undefined || url === undefined || !hasUser(url)) return mistake;
  return (
    `is ${JSON.stringify(maskUrl(text))}, and would be seen with its password. Leave name and password out, and give ` +
    'triggers that need them the variable HTTPS_PROXY from a Secret.'
  );
}

/** What is wrong with the address of a proxy, to go behind its name; undefined when it can be used. */
function proxyMistake(text: string): string | undefined {
  const url = proxyUrl(text);
  const shown = JSON.stringify(maskUrl(text));
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '') {
    if (!/%(?![\da-f]{2})/i.test(`${url.username}${url.password}`)) return undefined;
    return `is ${shown}, with a % that begins no escape. Write %25 for each % in the name and the password.`;
  }
  return `is ${shown}. Write the address of an HTTP proxy, such as http://proxy.example:3128.`;
}

/** The proxy for a URL; undefined: none. Throws when there is one that can't be used. */
export function proxyFor(url: URL, settings: ProxySettings): URL | undefined {
  const text = url.protocol === 'https:' || url.protocol === 'wss:' ? settings.https : settings.http;
  if (text === undefined || isDirect(url, settings.noProxy ?? '')) return undefined;
  const [problem] = proxyProblems(settings);
  if (problem !== undefined) throw new Error(problem);
  return proxyUrl(text);
}

/** For the proxy alone; undefined where it has no user info. */
export function proxyAuthorization(url: URL): string | undefined {
  if (!hasUser(url)) return undefined;
  // Their bytes, which needn't be UTF-8.
  const [username, password] = [unescape(url.username), unescape(url.password)];
  return `Basic ${Buffer.from(`${username}:${password}`, 'latin1').toString('base64')}`;
}

function hasUser({ username, password }: URL): boolean {
  return username !== '' || password !== '';
}

/** A host and a port alone are an HTTP proxy. */
function proxyUrl(text: string): URL | undefined {
  return URL.parse(text.includes('://') ? text : `http://${text}`) ?? undefined;
}

/** This machine is called directly, whatever the settings say. */
function isDirect(url: URL, noProxy: string): boolean {
  const host = url.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  const port = url.port || (/^(https|wss):$/.test(url.protocol) ? '443' : '80');
  if (host === 'localhost' || holds(LOOPBACK, host)) return true;
  const entries = noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
  return entries.some((entry) => entry === '*' || isMeant(entry, host, port));
}

function isMeant(entry: string, host: string, port: string): boolean {
  const network = networkOf(entry);
  if (network !== undefined) return holds(network, host);
  const [, name = '', asked] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (asked !== undefined && asked !== port) return false;
  if (isIP(name) !== 0) return holds(networkOf(`${name}/${isIP(name) === 4 ? 32 : 128}`), host);
  if (/^\*?\./.test(name)) return host.endsWith(name.replace(/^\*/, ''));
  const domain = name.replace(/\.$/, '');
  return host === domain || host.endsWith(`.${domain}`);
}

/** `10.0.0.0/8`; undefined where it is none. */
function networkOf(entry: string): BlockList | undefined {
  const [, address = '', bits] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const network = new BlockList();
  network.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return network;
}

function holds(network: BlockList | undefined, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && network !== undefined && network.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
