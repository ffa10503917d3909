/** The environment of a dispatcher: `TRIGGER` for ours, and the original names, of both its lists, for all. */
import { encodeTrigger, type FunctionSpec, type PulsarSourceSpec, type Trigger } from '../../api/trigger.ts';
import type { ProxySettings } from '../../common/proxy.ts';
import type { DispatcherKind } from './templates.ts';

export type EnvEntry = { readonly name: string } & (
  | { readonly value: string }
  | { readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } } }
);

/** Who the trigger is: an override of these is ignored, as it always was. */
export const IDENTITY_NAMES: readonly string[] = ['TRIGGER', 'TRIGGER_NAME', 'TRIGGER_NAMESPACE'];

export interface EnvOptions {
  /** The namespace that the dispatcher runs in. */
  readonly place: string;
  readonly timezone: string;
  readonly dispatcher: DispatcherKind;
  readonly proxy: ProxySettings;
}

/** `spec` is what the trigger was parsed from. */
export function dispatcherEnv(
  trigger: Trigger,
  spec: unknown,
  { place, timezone, dispatcher, proxy }: EnvOptions,
): readonly EnvEntry[] {
  const { apiVersion, kind, name, namespace } = trigger;
  const encoded = () => encodeTrigger({ apiVersion, kind, metadata: { name, namespace }, spec });
  return [
    ...(dispatcher === 'current' ? entries({ TRIGGER: encoded() }) : []),
    ...entries({ TRIGGER_NAME: name, TRIGGER_NAMESPACE: namespace, TZ: timezone, TIMEZONE: timezone }),
    ...entries(pulsarVariables(trigger.source)),
    ...tokenEntry(trigger.source, dispatcher),
    ...entries(functionVariables(trigger.function, place)),
    // An image of somebody else's may call more than the function through it.
    ...(dispatcher === 'current' ? entries(proxyVariables(proxy)) : []),
  ];
}

function entries(values: Readonly<Record<string, string>>): readonly EnvEntry[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function pulsarVariables({ topics, broker }: PulsarSourceSpec): Readonly<Record<string, string>> {
  const [topic] = topics;
  // The original names know one topic.
  if (topic === undefined || topics.length > 1) return { PULSAR_BROKER: broker };
  const [, namespace = 'public/default', name = topic] = /^(?:[a-z-]+:\/\/)?(.+)\/([^/]+)$/.exec(topic) ?? [];
  return {
    PULSAR_TOPIC: topic,
    PULSAR_TOPIC_NAMESPACE: namespace,
    PULSAR_TOPIC_NAME: name,
    PULSAR_BROKER: broker,
  };
}

/** Ours reads mounted files, which follow a rotation; the original knows only a variable. */
function tokenEntry({ authToken, authTokenSecret }: PulsarSourceSpec, dispatcher: DispatcherKind): readonly EnvEntry[] {
  const name = 'PULSAR_AUTH_TOKEN';
  if (authToken !== undefined) return [{ name, value: authToken.reveal() }];
  if (authTokenSecret === undefined || dispatcher === 'current') return [];
  return [{ name, valueFrom: { secretKeyRef: authTokenSecret } }];
}

function proxyVariables({ http, https, noProxy }: ProxySettings): Readonly<Record<string, string>> {
  if (http === undefined && https === undefined) return {};
  return {
    ...(http !== undefined && { HTTP_PROXY: http }),
    ...(https !== undefined && { HTTPS_PROXY: https }),
    ...(noProxy !== undefined && { NO_PROXY: noProxy }),
  };
}

function functionVariables({ url }: FunctionSpec, place: string): Readonly<Record<string, string>> {
  const { protocol, hostname, port } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const namespace = namespaceOf(hostname, place);
  return {
    KUBELESS_FUNCTION: url,
    ...(namespace !== undefined && { KUBELESS_FUNCTION_NAMESPACE: namespace }),
    KUBELESS_FUNCTION_PORT: port || (scheme === 'https' ? '443' : '80'),
    // Written SCHEME by the original controller, and read as SCHEMA by its dispatcher.
    KUBELESS_FUNCTION_SCHEMA: scheme,
    KUBELESS_FUNCTION_SCHEME: scheme,
  };
}

/** As far as a host by itself says that it is a Service: by one label, by two, or by `.svc` behind them. */
function namespaceOf(host: string, place: string): string | undefined {
  if (host === 'localhost' || /^[\d.]+$|^\[/.test(host)) return undefined;
  const [, namespace, third] = host.split('.');
  if (namespace === undefined) return place;
  return namespace !== '' && (third === undefined || third === 'svc') ? namespace : undefined;
}
