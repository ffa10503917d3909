/** The dispatcher's environment variables, for the reference page. */
import { PROBES_PORT, SECRETS_DIR } from '../common/dispatcher-pod.ts';

export interface Variable {
  readonly name: string;
  readonly default: string;
  readonly description: string;
}

export const VARIABLES: readonly Variable[] = [
  {
    name: 'TRIGGER',
    default: '',
    description:
      'The whole trigger as versioned JSON, which the controller writes. It holds no token; URLs are in it as they were written.',
  },
  { name: 'PULSAR_AUTH_TOKEN', default: '', description: 'A token in the clear, unless the trigger names a Secret.' },
  {
    name: 'SECRETS_DIR',
    default: SECRETS_DIR,
    description: 'Where Secrets are mounted: `<name>/<key>`, read again when they change.',
  },
  {
    name: 'PROBES_PORT',
    default: String(PROBES_PORT),
    description: 'Serves `/healthz`, `/readyz`, `/metrics` and `/status`.',
  },
  {
    name: 'HTTP_PROXY',
    default: '',
    description:
      'The proxy through which functions and dead letters at `http:` URLs are called; also in small letters.',
  },
  { name: 'HTTPS_PROXY', default: '', description: 'The same for `https:` URLs.' },
  { name: 'NO_PROXY', default: '', description: 'Hosts that are called without, separated by commas.' },
  { name: 'LOG_LEVEL', default: 'info', description: '`debug`, `info`, `warn`, `error` or `silent`.' },
  {
    name: 'ERROR_BACKOFF_DELAY_MAX',
    default: '',
    description: 'Whole seconds: the longest delay, and the linear policy.',
  },
  {
    name: 'ERROR_BACKOFF_FACTOR',
    default: '',
    description: 'Whole seconds added at each attempt, and the linear policy.',
  },
];

/** Read where `TRIGGER` isn't set. */
export const ORIGINAL_VARIABLES: readonly Variable[] = [
  { name: 'TRIGGER_NAME', default: '', description: '`metadata.name`. Required.' },
  { name: 'TRIGGER_NAMESPACE', default: 'default', description: '`metadata.namespace`.' },
  { name: 'PULSAR_BROKER', default: '', description: '`spec.pulsar.broker`. Required.' },
  { name: 'PULSAR_TOPIC', default: '', description: '`spec.pulsar.topic`. Required, or the next two.' },
  { name: 'PULSAR_TOPIC_NAMESPACE', default: '', description: 'Tenant and namespace, e.g. `public/default`.' },
  { name: 'PULSAR_TOPIC_NAME', default: '', description: 'The topic in that namespace, or a full name.' },
  { name: 'KUBELESS_FUNCTION', default: '', description: "`spec.kubeless.function`, or a Service's name. Required." },
  { name: 'KUBELESS_FUNCTION_NAMESPACE', default: '', description: "With a Service's name: its namespace." },
  { name: 'KUBELESS_FUNCTION_PORT', default: '', description: "With a Service's name: its port." },
  {
    name: 'KUBELESS_FUNCTION_SCHEMA',
    default: 'http',
    description: "With a Service's name: `http` or `https`; also `KUBELESS_FUNCTION_SCHEME`.",
  },
];
