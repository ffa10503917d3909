/** Connections through an HTTP proxy: a tunnel where the origin speaks TLS, otherwise requests that name the whole URL. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import { messageOf } from '../../common/errors.ts';
import { proxyAuthorization } from '../../common/proxy.ts';
import { tlsOptions } from '../../common/tls.ts';

/** What is wrong with the proxy, in one sentence. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code = 'ERR_PROXY';
}

/** Connects to where undici asks for, by CONNECT; `connect` makes TLS of that. `timeout` in milliseconds. */
export function tunnelled(connect: buildConnector.connector, proxy: URL, timeout: number): buildConnector.connector {
  return (options, callback) => {
    const port = options.port || '443';
    openTunnel(proxy, `${options.hostname}:${port}`, timeout).then(
      (httpSocket) => connect({ ...options, httpSocket }, callback),
      (error: Error) => callback(error, null),
    );
  };
}

/** Connects to the proxy itself, for requests that it forwards. `timeout` in milliseconds. */
export function connectorOf(proxy: URL, timeout: number): buildConnector.connector {
  const connect = buildConnector({ ...tlsOptions(proxy.origin, {}), timeout });
  return (options, callback) =>
    connect(options, (...result) => {
      const [error] = result;
      if (error === null) callback(...result);
      else callback(unusable(proxy, error), null);
    });
}

/** Headers of each request that the proxy forwards to `origin`, names and values in turn. */
export function forwardHeaders(proxy: URL, origin: string): readonly string[] {
  const authorization = proxyAuthorization(proxy);
  const own = authorization === undefined ? [] : ['proxy-authorization', authorization];
  return ['host', new URL(origin).host, ...own];
}

function openTunnel(proxy: URL, authority: string, timeout: number): Promise<Socket> {
  const { hostname, protocol, port } = proxy;
  const isTls = protocol === 'https:';
  const authorization = proxyAuthorization(proxy);
  const request = (isTls ? requestHttps : requestHttp)({
    ...(isTls && tlsOptions(proxy.origin, {})),
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port || (isTls ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(authorization !== undefined && { 'proxy-authorization': authorization }) },
    agent: false,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeout} ms`)), timeout);
  request.once('error', (error) => reject(unusable(proxy, error)));
  request.once('connect', ({ statusCode = 0 }, socket: Socket) => {
    if (statusCode >= 200 && statusCode < 300) return resolve(socket);
    socket.on('error', () => {}).destroy();
    reject(new ProxyError(refusal(proxy, statusCode)));
  });
  request.end();
  return promise.finally(() => clearTimeout(timer));
}

/** What a proxy says itself, in place of the one behind it. */
export function refusal({ host }: URL, status: number): string {
  const cure = status === 407 ? ': set HTTP_PROXY or HTTPS_PROXY to a URL with the name and password it wants' : '';
  return `The proxy ${host} answered ${status}${cure}`;
}

function unusable({ host }: URL, cause: Error): ProxyError {
  return new ProxyError(`The proxy ${host} can't be used: ${messageOf(cause)}`, { cause });
}
