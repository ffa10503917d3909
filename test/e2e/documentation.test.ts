import { expect } from 'chai';
import { type Command, readCommands } from '../support/documentation.ts';
import { useEnvironment } from './environment.ts';
import { createReader, type Reader } from './reader.ts';
import { inSteps } from './steps.ts';

const PAGES = ['README.md', 'docs/install.md', 'docs/upgrade.md', 'docs/operating.md'];

/** Which commands can't be run here, and why not. Every other one is run. */
const NOT_RUN: readonly (readonly [command: RegExp, why: string])[] = [
  [/^npm ci$/, 'it replaces the packages that the tests run with; CI begins with it'],
  [/^npm ci && npm start\b/, 'as before; cli-run.test.ts runs what npm start runs'],
  [/^npm ci && npm test\b/, 'this is what npm test runs'],
  [/^make -C deploy images push /, 'it needs a registry; "make images" built the images that these tests use'],
];

/** Commands that last until Ctrl-C, and what they print when they are at it. `goesOn`: what follows needs them. */
const LASTING: readonly { readonly command: RegExp; readonly printed: RegExp; readonly goesOn?: true }[] = [
  { command: /^npx kubectl-trigger run /, printed: /"msg":"begun"/ },
  { command: /^make -C deploy serve /, printed: /is served at /, goesOn: true },
];

/** What has to be so before a command that the page offers in place of another one. */
const BEFORE: readonly (readonly [command: RegExp, commands: readonly string[]])[] = [
  [/^kubectl annotate namespace another-namespace /, ['kubectl create namespace another-namespace']],
  [/^helm upgrade --install kpt .* --namespace team-a /, ['kubectl create namespace team-a']],
  [/^helm uninstall kpt/, ['make -C deploy install', 'kubectl apply -f examples/pulsar-trigger-cluster.yaml']],
];

/** What is typed. */
const INPUT: readonly (readonly [command: RegExp, text: string])[] = [[/^make -C deploy deletecrd/, 'yes\n']];

/** What has to be printed, beyond that the command succeeds. */
const PRINTED: readonly (readonly [command: RegExp, text: RegExp])[] = [
  [/^kubectl get pulsartriggers +#/, /^NAME +READY +REASON +SOURCE +FUNCTION +REPLICAS +AGE$/m],
  [/^kubectl trigger render /, /^kind: Deployment$/m],
  [/ kubectl-trigger validate /, /PulsarTrigger default\/hello is (right|valid)$/m],
  [/^helm test kpt/, /^Phase: +Succeeded$/m],
  [/^kubectl get deployment hello-pulsar/, /^hello-pulsar /m],
  [/^make -C deploy deletecrd/, /default +hello/],
];

describe('what the documentation tells its readers to run', function () {
  this.timeout(300_000);
  inSteps();
  const environment = useEnvironment();
  const commands = PAGES.flatMap(readCommands);
  let reader: Reader;

  before('a checkout', async () => {
    const { cluster, registry } = environment();
    reader = await createReader(cluster.kubeconfig, registry);
  });
  after(async () => {
    if (!reader) return;
    // What a failed step left.
    await reader.run('helm uninstall kpt --ignore-not-found');
    await reader.end();
    const { cluster } = environment();
    await cluster.kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
    await cluster.kubectl('delete', 'deployments', '--selector', 'kubeless.io/trigger-id', '--ignore-not-found');
    await cluster.kubectl('delete', 'namespace', 'another-namespace', '--ignore-not-found');
  });

  it('has every command that the tables above speak of', () => {
    const patterns = [NOT_RUN, BEFORE, INPUT, PRINTED].flatMap((table) => table.map(([pattern]) => pattern));
    const stale = [...patterns, ...LASTING.map(({ command }) => command)].filter(
      (pattern) => !commands.some(({ text }) => pattern.test(text)),
    );
    expect(stale).to.deep.equal([]);
  });

  for (const page of PAGES) {
    describe(page, () => {
      before(() => reader.begin());
      for (const command of commands.filter((each) => each.page === page)) {
        if (find(NOT_RUN, command) !== undefined) continue;
        it(`${command.line}: ${command.text.replace(/\s+/g, ' ')}`, () => runs(command));
      }
    });
  }

  async function runs(command: Command): Promise<void> {
    for (const before of find(BEFORE, command)?.[1] ?? []) await reader.run(before);
    const said = await outputOf(command);
    const [, expected] = find(PRINTED, command) ?? [];
    if (expected !== undefined) expect(said).to.match(expected);
  }

  async function outputOf(command: Command): Promise<string> {
    const lasting = LASTING.find((each) => each.command.test(command.text));
    if (lasting === undefined) return reader.run(command.text, find(INPUT, command)?.[1]);
    const started = await reader.start(command.text, lasting.printed);
    return lasting.goesOn ? '' : started.interrupt();
  }
});

function find<T>(table: readonly (readonly [RegExp, T])[], { text }: Command): readonly [RegExp, T] | undefined {
  return table.find(([pattern]) => pattern.test(text));
}
