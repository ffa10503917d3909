/** The dispatcher's environment: `TRIGGER`, or the variables that the original dispatcher read. Read nowhere else. */
import { INITIAL_DELAY } from '../api/defaults.ts';
import { isToken } from '../api/kinds/pulsar-names.ts';
import { problemText } from '../api/problem-text.ts';
import { decodeTrigger, type Parsed, type Problem, parseTrigger, type Trigger } from '../api/trigger.ts';
import { PROBES_PORT, SECRETS_DIR } from '../common/dispatcher-pod.ts';
import type { LogLevel } from '../common/logger.ts';
import { type ProxySettings, proxyProblems, readProxySettings } from '../common/proxy.ts';
import { Secret } from '../common/secret.ts';
import { backoffOf, type Environment, manifestOf, missingVariables, variableOf } from './original-environment.ts';

export interface Config {
  readonly trigger: Trigger;
  /** Where Secrets are mounted, as `<name>/<key>`. */
  readonly secretsDir: string;
  /** Of calls of the function and of the dead letter. */
  readonly proxy: ProxySettings;
  readonly probesPort: number;
  readonly logLevel: LogLevel;
}

/** One line a mistake, each naming the variable, its value (never a credential) and the cure. */
export interface ConfigErrors {
  readonly errors: readonly string[];
}

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

export function readConfig(env: Environment): Config | ConfigErrors {
  const proxy = readProxySettings(env);
  const errors: string[] = [...proxyProblems(proxy)];
  const probesPort = readPort(env, errors);
  const logLevel = readLogLevel(env, errors);
  const backoff = backoffOf(env);
  if ('errors' in backoff) errors.push(...backoff.errors);
  if (!isToken(env.PULSAR_AUTH_TOKEN ?? '')) {
    errors.push('PULSAR_AUTH_TOKEN has line breaks, spaces or other characters in it. Set the token alone.');
  }
  const trigger = readTrigger(env, errors);
  if (trigger === undefined || errors.length > 0 || 'errors' in backoff) return { errors };
  const { retry: own } = trigger.delivery;
  const retry = { ...own, ...backoff, ...(own.initialDelay !== INITIAL_DELAY && { initialDelay: own.initialDelay }) };
  return {
    trigger: withToken({ ...trigger, delivery: { ...trigger.delivery, retry } }, env.PULSAR_AUTH_TOKEN),
    secretsDir: env.SECRETS_DIR || SECRETS_DIR,
    proxy,
    probesPort,
    logLevel,
  };
}

function readTrigger(env: Environment, errors: string[]): Trigger | undefined {
  if (env.TRIGGER) return triggerOf(decodeTrigger(env.TRIGGER), ({ path }) => `TRIGGER ${path}`, errors);
  const missing = missingVariables(env);
  if (missing.length > 0) {
    errors.push(`TRIGGER is not set, and neither are: ${missing.join(', ')}. Set TRIGGER, or all of these.`);
    return undefined;
  }
  return triggerOf(parseTrigger(manifestOf(env)), ({ path }) => variableOf(path), errors);
}

function triggerOf(parsed: Parsed, where: (problem: Problem) => string, errors: string[]): Trigger | undefined {
  if ('trigger' in parsed) return parsed.trigger;
  for (const problem of parsed.problems) {
    errors.push(`${problemText({ ...problem, path: where(problem) })}. ${problem.cure}`);
  }
  return undefined;
}

/** The token in the clear has its own variable: `TRIGGER` never holds one. */
function withToken(trigger: Trigger, token: string | undefined): Trigger {
  if (!token?.trim() || trigger.source.authTokenSecret !== undefined) return trigger;
  return { ...trigger, source: { ...trigger.source, authToken: new Secret(token.trim()) } };
}

function readPort(env: Environment, errors: string[]): number {
  const text = env.PROBES_PORT;
  if (!text) return PROBES_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  errors.push(`PROBES_PORT is ${JSON.stringify(text)}. Set a port from 1 to 65535, or 0 for any free one.`);
  return PROBES_PORT;
}

function readLogLevel(env: Environment, errors: string[]): LogLevel {
  const text = env.LOG_LEVEL;
  if (!text) return 'info';
  const level = LOG_LEVELS.find((known) => known === text.toLowerCase());
  if (level !== undefined) return level;
  errors.push(`LOG_LEVEL is ${JSON.stringify(text)}. Set one of: ${LOG_LEVELS.join(', ')}.`);
  return 'info';
}
