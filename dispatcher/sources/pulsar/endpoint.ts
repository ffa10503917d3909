/** The URLs that a trigger's broker and web service stand for. */
import type { PulsarSourceSpec } from '../../../api/trigger.ts';
import { type TopicName, topicPath } from './topic-name.ts';

const WEB_SOCKET = new Set(['ws:', 'wss:']);
/** For the native client, which takes several hosts, and looks brokers up over http(s) where it is told to. */
const NATIVE = /^(?:pulsar|pulsar\+ssl|http|https):\/\/([^/?#]+)/;

const INITIAL_POSITION = { earliest: 'Earliest', latest: 'Latest' };

/** Where a consumer of one topic connects to. `queue` is how many records the broker's proxy may hold for it. */
export function consumerUrl(source: PulsarSourceSpec, topic: TopicName, queue: number, consumerName?: string): string {
  const { name, type, initialPosition } = source.subscription;
  const query = new URLSearchParams({
    subscriptionType: type,
    subscriptionInitialPosition: INITIAL_POSITION[initialPosition],
    pullMode: 'true',
    ...(consumerName !== undefined && { consumerName }),
    receiverQueueSize: String(queue),
  });
  const { protocol, host, path } = parseBroker(source.broker);
  return `${protocol}//${host}${path}/ws/v2/consumer/${topicPath(topic)}/${encodeURIComponent(name)}?${query}`;
}

/** Base of the admin REST API without a slash at its end; absent when the trigger doesn't tell. */
export function adminUrl(source: PulsarSourceSpec): string | undefined {
  if (source.webServiceUrl !== undefined) return source.webServiceUrl.replace(/\/+$/, '');
  const { protocol, host, path } = parseBroker(source.broker);
  if (protocol.startsWith('pulsar')) return undefined;
  if (protocol.startsWith('http')) return `${protocol}//${host.split(',')[0]}`;
  return `${protocol === 'wss:' ? 'https:' : 'http:'}//${host}${path}`;
}

export function isWebSocketBroker(broker: string): boolean {
  return WEB_SOCKET.has(parseBroker(broker).protocol);
}

/** `host:port` for messages; user info, path and query of a URL can hold credentials. */
export function brokerAddress(broker: string): string {
  return parseBroker(broker).host;
}

/** Each of several hosts may have a user of its own. */
function withoutUsers(hosts: string): string {
  const each = hosts.split(',').map((host) => host.slice(host.lastIndexOf('@') + 1));
  return each.join(',');
}

function parseBroker(broker: string): { protocol: string; host: string; path: string } {
  const native = NATIVE.exec(broker);
  if (native !== null)
    return { protocol: broker.slice(0, broker.indexOf(':') + 1), host: withoutUsers(native[1] ?? ''), path: '' };
  const url = URL.parse(broker);
  if (url === null || url.host === '' || !WEB_SOCKET.has(url.protocol)) {
    throw new Error(
      'the broker is no URL of Pulsar: write "ws://host:8080", "wss://host:8443" or "pulsar://host:6650"',
    );
  }
  // People copy the address out of Pulsar's own documentation, where it ends with the API's path.
  const path = url.pathname.replace(/\/+$/, '').replace(/\/ws(\/v2)?$/, '');
  return { protocol: url.protocol, host: url.host, path };
}
