/** Addresses that mean the dispatcher's own pod, where something else is most likely meant. */

import type { Problem, Trigger } from '../../api/trigger.ts';
import { maskUrl } from '../../common/mask-url.ts';

/** The dispatcher's own port, for probes and metrics. */
const PROBES = '8080';

/** While the source isn't connected: a broker, or a way to it, may well be a container of the pod. */
export function loopbackDoubts({ source, function: { url }, delivery }: Trigger, isConnected: boolean) {
  const { broker, webServiceUrl } = source;
  const near: readonly (readonly [string, string | undefined])[] = isConnected
    ? []
    : [
        ['spec.pulsar.broker', broker],
        ['spec.pulsar.webServiceUrl', webServiceUrl],
      ];
  const own = [
    ['spec.kubeless.function', url],
    ['spec.delivery.deadLetter.url', delivery.deadLetter?.url],
  ] as const;
  return [
    ...near.filter(([, address]) => isLoopback(address)),
    ...own.filter(([, address]) => isLoopback(address) && portOf(address) === PROBES),
  ].map(([path, address]) => doubt(path, address));
}

function doubt(path: string, address = ''): Problem {
  const own = portOf(address) === PROBES ? `, at the port ${PROBES} of its own probes` : '';
  return {
    path,
    message: `is "${maskUrl(address)}", which in a pod is the pod itself${own}`,
    cure: `Write the name of a Service, such as ${address.split(':')[0]}://name.namespace:${portOf(address) || PROBES}.`,
  };
}

function isLoopback(address: string | undefined): boolean {
  const host = parsed(address)?.hostname ?? '';
  return /^(localhost|.+\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])$/.test(host);
}

function portOf(address: string | undefined): string {
  return parsed(address)?.port ?? '';
}

/** Pulsar's schemes may name several hosts: the first of them counts. */
function parsed(address: string | undefined): URL | undefined {
  const [first = ''] = (address ?? '').split(',');
  // What a host is, the parser knows for http alone.
  return URL.parse(first.replace(/^[^:]+:/, 'http:')) ?? undefined;
}
