/** The command line `kubectl-trigger`, also `kubectl trigger`. */
import { Command, CommanderError, Option } from 'commander';
import { show } from '../api/show.ts';
import { urlMistake } from '../api/url.ts';
import { SECRETS_DIR } from '../common/dispatcher-pod.ts';
import { messageOf } from '../common/errors.ts';
import { maskUrl } from '../common/mask-url.ts';
import { dispatcherProxyProblems, proxyProblems, proxySettings, readProxySettings } from '../common/proxy.ts';
import { onShutdown } from '../common/shutdown.ts';
import type { RenderFlags } from './render.ts';
import type { RunOptions } from './run.ts';
import { processTerminal, type Terminal } from './terminal.ts';

export interface Context {
  readonly version: string;
  readonly terminal?: Terminal;
}

/** Exit code of the command that `args` (without program names) ask for. Never rejects. */
export async function main(args: readonly string[], context: Context): Promise<number> {
  const { version, terminal = processTerminal() } = context;
  try {
    return await runCommand(args, version, terminal);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    terminal.complain(`kubectl-trigger: ${messageOf(error)}`);
    return 1;
  }
}

async function runCommand(args: readonly string[], version: string, terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = new Command('kubectl-trigger')
    .description('Checks triggers, shows what becomes of them, and runs them without a cluster.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('See kubectl-trigger --help.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
      outputError: (text, write) => write(withoutPasswords(text)),
    });
  program
    .command('validate')
    .description('Say everything that is wrong with some manifests; exit 1 where there is something.')
    .requiredOption(...FILE)
    .action(async ({ file }: { file: readonly string[] }) => {
      const { validate } = await import('./validate.ts');
      exitCode = await validate(file, { dispatcherImage: dispatcherImage(version), timezone: TIMEZONE }, terminal);
    });
  program
    .command('render')
    .description('Print the Deployments of some manifests, as the controller would apply them, without a cluster.')
    .requiredOption(...FILE)
    .option('--dispatcher-image <image>', "the controller's own --dispatcher-image", dispatcherImage(version))
    .option('--timezone <name>', "the controller's own --timezone", TIMEZONE)
    .option('--dispatcher-http-proxy <url>', "the controller's own --dispatcher-http-proxy")
    .option('--dispatcher-https-proxy <url>', "the controller's own --dispatcher-https-proxy")
    .option('--dispatcher-no-proxy <hosts>', "the controller's own --dispatcher-no-proxy")
    .addOption(new Option('-o, --output <format>', 'the form').choices(['yaml', 'json']).default('yaml'))
    .action(async (flags: RenderCommandFlags) => {
      const { file, dispatcherHttpProxy, dispatcherHttpsProxy, dispatcherNoProxy, ...options } = flags;
      const proxy = proxySettings(dispatcherHttpProxy, dispatcherHttpsProxy, dispatcherNoProxy);
      // Not while flags are read: what refuses one there repeats its value.
      const [problem] = dispatcherProxyProblems(proxy);
      if (problem !== undefined) throw new Error(problem);
      const { render } = await import('./render.ts');
      exitCode = await render({ ...options, files: file, proxy }, terminal);
    });
  program
    .command('run')
    .description('Deliver the records of some triggers without a cluster, until Ctrl-C.')
    .requiredOption(...FILE)
    .option('--as-deployed', "consume with the cluster's own subscription, and take its records", false)
    .option('--function <url>', "send records there instead of to the manifest's function")
    .option('--secrets <folder>', 'where the entries of Secrets are files: <name>/<key>', SECRETS_DIR)
    .addOption(new Option('--log-format <format>', 'pretty on a terminal, otherwise json').choices(['json', 'pretty']))
    .action(async ({ file, function: functionUrl, ...options }: RunFlags) => {
      const { run } = await import('./run.ts');
      const proxy = readProxySettings(process.env);
      const [problem] = [...functionProblems(functionUrl), ...proxyProblems(proxy)];
      if (problem !== undefined) throw new Error(problem);
      const given = { ...options, proxy, ...(functionUrl !== undefined && { functionUrl }) };
      exitCode = await untilSignal((stop) => run({ ...given, files: file }, terminal, stop), terminal);
    });
  await program.parseAsync(args, { from: 'user' });
  return exitCode;
}

type RenderCommandFlags = Omit<RenderFlags, 'files' | 'proxy'> & {
  readonly file: readonly string[];
  readonly dispatcherHttpProxy?: string;
  readonly dispatcherHttpsProxy?: string;
  readonly dispatcherNoProxy?: string;
};

type RunFlags = Omit<RunOptions, 'files' | 'functionUrl' | 'proxy'> & {
  readonly file: readonly string[];
  readonly function?: string;
};

/** Ctrl-C, or an output that nobody reads, aborts the signal; a second Ctrl-C ends the process at once. */
async function untilSignal(work: (stop: AbortSignal) => Promise<number>, { broken }: Terminal): Promise<number> {
  const stopping = new AbortController();
  const done = work(broken === undefined ? stopping.signal : AbortSignal.any([stopping.signal, broken]));
  const release = onShutdown({
    async stop() {
      stopping.abort();
      await done;
    },
  });
  try {
    return await done;
  } finally {
    release();
  }
}

function functionProblems(url: string | undefined): readonly string[] {
  const mistake = url === undefined ? undefined : urlMistake(url, ['http', 'https']);
  if (url === undefined || mistake === undefined) return [];
  return [`--function is ${show(url, 'function')}: ${mistake}. Write a URL such as http://127.0.0.1:8081.`];
}

/** What refuses an option or an argument repeats it: `--functoin=http://user:password@host`. */
function withoutPasswords(refusal: string): string {
  return refusal
    .replace(/^(error: unknown option '[^=]*)=.*'/s, "$1'")
    .replaceAll(/'([^']*)'/g, (_, text: string) => `'${maskUrl(text)}'`);
}

const TIMEZONE = 'UTC';

/** What `make images` builds. */
function dispatcherImage(version: string): string {
  return `localhost/kubeless-triggers-dispatcher:${version}`;
}

const FILE = [
  '-f, --file <path>',
  'a manifest, a folder of them, or - for standard input; can be given several times',
  (path: string, paths: readonly string[] = []): readonly string[] => [...paths, path],
] as const;
