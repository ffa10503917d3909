/**
 * The variables of the original Pulsar dispatcher, in both of its lists, as the manifest that they stand for.
 * Users set them on their own Deployments, and go on doing so.
 */
import type { RetrySpec } from '../api/trigger.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables without which there is nothing to do; alternatives in one entry. */
export function missingVariables(env: Environment): readonly string[] {
  const missing: string[] = [];
  if (!env.PULSAR_BROKER) missing.push('PULSAR_BROKER');
  if (!topicOf(env)) missing.push('PULSAR_TOPIC (or PULSAR_TOPIC_NAMESPACE and PULSAR_TOPIC_NAME)');
  if (!env.KUBELESS_FUNCTION) missing.push('KUBELESS_FUNCTION');
  if (!env.TRIGGER_NAME) missing.push('TRIGGER_NAME');
  return missing;
}

export function manifestOf(env: Environment): unknown {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: env.TRIGGER_NAME, namespace: env.TRIGGER_NAMESPACE || 'default' },
    spec: {
      pulsar: { broker: env.PULSAR_BROKER, topic: topicOf(env) },
      kubeless: { function: functionOf(env) },
    },
  };
}

/** The variable that a path of the manifest came from. */
export function variableOf(path: string): string {
  return VARIABLES[path] ?? path;
}

const VARIABLES: Readonly<Record<string, string>> = {
  'metadata.name': 'TRIGGER_NAME',
  'metadata.namespace': 'TRIGGER_NAMESPACE',
  'spec.pulsar.broker': 'PULSAR_BROKER',
  'spec.pulsar.topic': 'PULSAR_TOPIC',
  'spec.kubeless.function': 'KUBELESS_FUNCTION',
};

/** Milliseconds before the second attempt, where the original's variables set the rest. */
const ORIGINAL_DELAY = 1000;

/** `ERROR_BACKOFF_FACTOR` (seconds added at each attempt) and `ERROR_BACKOFF_DELAY_MAX` (seconds at most). */
export function backoffOf(env: Environment): Partial<RetrySpec> | { readonly errors: readonly string[] } {
  const errors: string[] = [];
  const seconds = (name: string) => {
    const text = env[name];
    if (!text) return undefined;
    if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
    errors.push(`${name} is ${JSON.stringify(text)}. Set whole seconds, e.g. 90.`);
    return undefined;
  };
  const step = seconds('ERROR_BACKOFF_FACTOR');
  const maxDelay = seconds('ERROR_BACKOFF_DELAY_MAX');
  if (errors.length > 0) return { errors };
  if (step === undefined && maxDelay === undefined) return {};
  return {
    policy: 'linear',
    initialDelay: Math.min(ORIGINAL_DELAY, maxDelay ?? ORIGINAL_DELAY),
    ...(step !== undefined && { step }),
    ...(maxDelay !== undefined && { maxDelay }),
  };
}

function topicOf(env: Environment): string | undefined {
  if (env.PULSAR_TOPIC) return env.PULSAR_TOPIC;
  const { PULSAR_TOPIC_NAMESPACE: namespace, PULSAR_TOPIC_NAME: name } = env;
  if (!name) return undefined;
  if (name.includes('://')) return name;
  return namespace ? `persistent://${namespace}/${name}` : undefined;
}

/** A URL, or the older list's name, namespace, port and scheme. */
function functionOf(env: Environment): string {
  const name = env.KUBELESS_FUNCTION ?? '';
  if (name.includes('://')) return name;
  const host = env.KUBELESS_FUNCTION_NAMESPACE ? `${name}.${env.KUBELESS_FUNCTION_NAMESPACE}` : name;
  const port = env.KUBELESS_FUNCTION_PORT ? `:${env.KUBELESS_FUNCTION_PORT}` : '';
  // Written SCHEME by the original controller and read as SCHEMA by its dispatcher.
  const scheme = env.KUBELESS_FUNCTION_SCHEMA || env.KUBELESS_FUNCTION_SCHEME || 'http';
  return `${scheme}://${host}${port}`;
}
