/** The command line `kubectl-trigger`, also `kubectl trigger`. */
import { Command, CommanderError } from 'commander';
import { processTerminal, type Terminal } from './terminal.ts';
import { validate } from './validate.ts';

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
    terminal.complain(`kubectl-trigger: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function runCommand(args: readonly string[], version: string, terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = new Command('kubectl-trigger')
    .description('Checks triggers, and runs them without a cluster.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('See kubectl-trigger --help.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
    });
  program
    .command('validate')
    .description('Say everything that is wrong with some manifests; exit 1 where there is something.')
    .requiredOption(...FILE)
    .action(async ({ file }: { file: readonly string[] }) => {
      exitCode = await validate(file, terminal);
    });
  await program.parseAsync(args, { from: 'user' });
  return exitCode;
}

const FILE = [
  '-f, --file <path>',
  'a manifest, a folder of them, or - for standard input; can be given several times',
  (path: string, paths: readonly string[] = []): readonly string[] => [...paths, path],
] as const;
