/** The controller's flags, and the two variables that name its pod. Read nowhere else. */
import { Command, CommanderError, Option } from 'commander';
import type { LogLevel } from '../common/logger.ts';
import {
  dispatcherProxyProblems,
  type ProxySettings,
  proxyProblems,
  proxySettings,
  readProxySettings,
} from '../common/proxy.ts';

export interface Config {
  /** A file; absent: the pod's own ServiceAccount, then the usual file of kubectl. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Between the controller and the API server. */
  readonly proxy: ProxySettings;
  /** Only triggers of these namespaces count; empty: all. */
  readonly watchNamespaces: readonly string[];
  readonly dispatcherImage: string;
  /** An IANA name. */
  readonly timezone: string;
  /** Of the calls that dispatchers make. */
  readonly dispatcherProxy: ProxySettings;
  /** Deployments that roll at once over a change which only the controller caused. */
  readonly maxRollouts: number;
  /** Say what would be written, write nothing. */
  readonly dryRun: boolean;
  /** 0: any free one. */
  readonly probesPort: number;
  readonly logLevel: LogLevel;
  /** Absent: this controller is the only one, and says so by itself. */
  readonly lease?: { readonly namespace: string; readonly name: string };
  /** Names this process among replicas. */
  readonly podName?: string;
  /** The namespace of the release: no trigger puts a Deployment there from elsewhere. */
  readonly podNamespace?: string;
  /** What is worth a word but no mistake. */
  readonly warnings: readonly string[];
}

/** Nothing to run: a text was asked for, or there are mistakes, a line each. */
export interface ConfigAnswer {
  readonly exitCode: number;
  readonly text: string;
}

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const DEFAULT_LEASE = 'kubeless-triggers';

interface Flags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly watchNamespaces: string;
  readonly dispatcherImage: string;
  readonly timezone: string;
  readonly dispatcherHttpProxy: string;
  readonly dispatcherHttpsProxy: string;
  readonly dispatcherNoProxy: string;
  readonly maxRollouts: string;
  readonly dryRun: boolean;
  readonly probesPort: string;
  readonly logLevel: string;
  readonly leaderElect: string;
  readonly leaseNamespace?: string;
  readonly leaseName: string;
  readonly loggingConfig?: string;
}

/** `args` without the names of the programs. Collects every mistake before it answers. */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Config | ConfigAnswer {
  const said: string[] = [];
  const program = createProgram(version, (text) => said.push(text));
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { exitCode: error.exitCode, text: said.join('').trimEnd() };
  }
  const flags = program.opts<Flags>();
  const unknown = program.args.map((arg) => `${arg} isn't an option. See --help for those that there are.`);
  const errors = [...unknown, ...mistakes(flags, env), ...proxyProblems(readProxySettings(env))];
  return errors.length > 0 ? { exitCode: 1, text: errors.join('\n') } : configOf(flags, env);
}

function createProgram(version: string, say: (text: string) => void): Command {
  return new Command('kubeless-triggers-controller')
    .description('Makes a Deployment of each trigger, and says in its status how it is.')
    .option('--kubeconfig <file>', "how to reach the cluster (default: the pod's ServiceAccount, then kubectl's own)")
    .option('--context <name>', 'the context of that file (default: its current one)')
    .option('--watch-namespaces <names>', 'only triggers of these namespaces, separated by commas', '')
    .option('--dispatcher-image <image>', 'the image that dispatchers run', '')
    .option('--timezone <name>', 'the time zone of dispatchers', 'UTC')
    .option('--dispatcher-http-proxy <url>', 'the proxy that dispatchers call functions at http: URLs through', '')
    .option('--dispatcher-https-proxy <url>', 'the same for https: URLs', '')
    .option('--dispatcher-no-proxy <hosts>', 'hosts that they call without, separated by commas', '')
    .option('--max-rollouts <count>', 'Deployments that an upgrade rolls at once', '10')
    .option('--dry-run', 'say what would be written, and write nothing', false)
    .option('--probes-port <port>', 'of /healthz, /readyz and /metrics', '8080')
    .option('--log-level <level>', LOG_LEVELS.join(', '), 'info')
    .addOption(new Option('--leader-elect [boolean]', 'take turns with other replicas').default('true').preset('true'))
    .option('--lease-namespace <name>', "where the Lease is (default: the pod's namespace)")
    .option('--lease-name <name>', 'the name of the Lease', DEFAULT_LEASE)
    .addOption(new Option('--logging-config <file>', 'of earlier versions').hideHelp())
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .allowUnknownOption()
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ writeOut: say, writeErr: say });
}

/** One line each, naming the flag, its value and the cure. */
function mistakes(flags: Flags, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const errors: string[] = [];
  const expect = (holds: boolean, flag: string, value: string, cure: string) => {
    if (!holds) errors.push(`--${flag} is ${JSON.stringify(value)}. ${cure}`);
  };
  if (flags.dispatcherImage === '') errors.push('--dispatcher-image is missing. Name the image that dispatchers run.');
  expect(!/\s/.test(flags.dispatcherImage), 'dispatcher-image', flags.dispatcherImage, 'Write it without spaces.');
  for (const name of namesOf(flags.watchNamespaces)) {
    expect(NAMESPACE.test(name), 'watch-namespaces', name, 'Write names of namespaces, separated by commas.');
  }
  expect(isTimezone(flags.timezone), 'timezone', flags.timezone, 'Write a name such as UTC or Europe/Berlin.');
  errors.push(...dispatcherProxyProblems(dispatcherProxyOf(flags)));
  expect(isWhole(flags.maxRollouts, 1, 1000), 'max-rollouts', flags.maxRollouts, 'Write a number from 1 to 1000.');
  expect(isWhole(flags.probesPort, 0, 65_535), 'probes-port', flags.probesPort, 'Write a port, or 0 for any free one.');
  expect(levelOf(flags.logLevel) !== undefined, 'log-level', flags.logLevel, `Write one of ${LOG_LEVELS.join(', ')}.`);
  expect(/^(true|false)$/.test(flags.leaderElect), 'leader-elect', flags.leaderElect, 'Write true or false.');
  expect(NAME.test(flags.leaseName), 'lease-name', flags.leaseName, 'Write the name of a Lease.');
  const leaseNamespace = flags.leaseNamespace || env.POD_NAMESPACE || undefined;
  if (leaseNamespace !== undefined) {
    expect(NAMESPACE.test(leaseNamespace), 'lease-namespace', leaseNamespace, 'Write the name of a namespace.');
  } else if (electsLeader(flags)) {
    errors.push('--lease-namespace is missing, and so is POD_NAMESPACE. Set one, or --leader-elect=false.');
  }
  return errors;
}

/** Of flags without mistakes. */
function configOf(flags: Flags, env: Readonly<Record<string, string | undefined>>): Config {
  const { kubeconfig, context, dispatcherImage, timezone, dryRun, leaseName: name } = flags;
  const { POD_NAME: podName, POD_NAMESPACE: podNamespace } = env;
  const namespace = flags.leaseNamespace || podNamespace;
  return {
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    proxy: readProxySettings(env),
    watchNamespaces: namesOf(flags.watchNamespaces),
    dispatcherImage,
    timezone,
    dispatcherProxy: dispatcherProxyOf(flags),
    maxRollouts: Number(flags.maxRollouts),
    dryRun,
    probesPort: Number(flags.probesPort),
    logLevel: levelOf(flags.logLevel) ?? 'info',
    ...(electsLeader(flags) && namespace !== undefined && { lease: { namespace, name } }),
    ...(podName && { podName }),
    ...(podNamespace && { podNamespace }),
    warnings:
      flags.loggingConfig === undefined
        ? []
        : ['--logging-config is of earlier versions and does nothing; use --log-level'],
  };
}

function dispatcherProxyOf({ dispatcherHttpProxy, dispatcherHttpsProxy, dispatcherNoProxy }: Flags): ProxySettings {
  return proxySettings(dispatcherHttpProxy, dispatcherHttpsProxy, dispatcherNoProxy);
}

/** Whoever writes nothing needs no Lease, which would be written. */
function electsLeader({ leaderElect, dryRun }: Flags): boolean {
  return leaderElect !== 'false' && !dryRun;
}

function namesOf(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
}

function levelOf(text: string): LogLevel | undefined {
  return LOG_LEVELS.find((known) => known === text.toLowerCase());
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
