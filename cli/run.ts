/** `kubectl-trigger run`: triggers at work without a cluster, until Ctrl-C. */
import { once } from 'node:events';
import type { Trigger } from '../api/trigger.ts';
import { messageOf } from '../common/errors.ts';
import { createLogger } from '../common/logger.ts';
import type { ProxySettings } from '../common/proxy.ts';
import { createDispatcher, type Dispatcher } from '../dispatcher/dispatcher.ts';
import { createSecretFiles } from '../dispatcher/sources/secrets.ts';
import { localTrigger, type Overrides, secretProblems } from './local-trigger.ts';
import { createJsonReport, createPrettyReport, type Report } from './report.ts';
import { sharedStreams } from './shared-streams.ts';
import type { Terminal } from './terminal.ts';
import { nameOf, readTriggers } from './triggers.ts';

export interface RunOptions extends Overrides {
  readonly files: readonly string[];
  /** Files `<name>/<key>`, one an entry of a Secret. */
  readonly secrets: string;
  /** Of calls of the function and of the dead letter; none by default. */
  readonly proxy?: ProxySettings;
  /** Absent: pretty on a terminal, otherwise JSON. */
  readonly logFormat?: 'json' | 'pretty';
}

/** 0 after a clean stop, which `stop` asks for; 1 where a manifest is wrong or a trigger can never work. */
export async function run(options: RunOptions, terminal: Terminal, stop: AbortSignal): Promise<number> {
  const found = await readTriggers(options.files, terminal);
  if (found === undefined) return 1;
  const triggers = found.map(({ trigger }) => localTrigger(trigger, options));
  const secrets = createSecretFiles(options.secrets);
  const problems = triggers.flatMap((trigger) => secretProblems(trigger, secrets));
  for (const problem of problems) terminal.complain(problem);
  if (problems.length > 0) return 1;

  const format = options.logFormat ?? (terminal.isInteractive ? 'pretty' : 'json');
  const report = format === 'pretty' ? createPrettyReport(terminal) : createJsonReport(terminal);
  const log = createLogger('info', { write: (line) => report.logged(line) });
  const dispatchers: Dispatcher[] = [];
  try {
    for (const warning of await sharedStreams(triggers)) log.warn(warning);
    for (const trigger of triggers) {
      const onAttempt = report.attempted.bind(report, trigger);
      const logger = triggers.length === 1 ? log : log.child({ trigger: nameOf(trigger) });
      dispatchers.push(
        await createDispatcher({ trigger, secrets, logger, onAttempt, ...(options.proxy && { proxy: options.proxy }) }),
      );
    }
  } catch (error) {
    terminal.complain(`kubectl-trigger: ${messageOf(error)}`);
    return 1;
  }
  return deliver({ triggers, dispatchers, report, terminal, stop, ownSubscriptions: !options.asDeployed });
}

interface Work {
  readonly triggers: readonly Trigger[];
  /** One a trigger. */
  readonly dispatchers: readonly Dispatcher[];
  readonly report: Report;
  readonly terminal: Terminal;
  readonly stop: AbortSignal;
  /** The subscriptions are of this run alone. */
  readonly ownSubscriptions: boolean;
}

async function deliver({ triggers, dispatchers, report, terminal, stop, ownSubscriptions }: Work): Promise<number> {
  for (const trigger of triggers) report.begun(trigger);
  report.running();
  const stopped = stop.aborted ? Promise.resolve() : once(stop, 'abort').then(() => undefined);
  /** Those whose source was connected, and made its subscription. */
  const connected = new Set<Dispatcher>();
  const started = Promise.all(
    dispatchers.map(async (dispatcher) => {
      await dispatcher.start();
      // A stop ends the waiting for a connection, too.
      if (!stop.aborted) connected.add(dispatcher);
    }),
  );
  let exitCode = 0;
  try {
    await Promise.race([started, stopped]);
    await stopped;
  } catch (error) {
    terminal.complain(`kubectl-trigger: ${messageOf(error)}`);
    exitCode = 1;
  }
  // One that is stopped before it was connected rejects, which is what was asked for.
  started.catch(() => undefined);
  report.stopping(dispatchers.reduce((running, dispatcher) => running + dispatcher.status().running, 0));
  await stopAll({ triggers, dispatchers, report });
  for (const [index, trigger] of triggers.entries()) {
    const dispatcher = dispatchers[index];
    if (dispatcher === undefined) continue;
    report.ended(trigger, dispatcher.status());
    if (ownSubscriptions && !trigger.paused && connected.has(dispatcher)) report.left(trigger);
  }
  return exitCode;
}

/** How often a stop is looked at, in milliseconds: one that is over sooner tells nothing. */
const LOOK_EVERY = 1000;

/** Tells the report what a stop waits for, and when that changes. */
async function stopAll({ triggers, dispatchers, report }: Pick<Work, 'triggers' | 'dispatchers' | 'report'>) {
  const stopTold = async (dispatcher: Dispatcher, trigger: Trigger | undefined) => {
    let told: number | undefined;
    const timer = setInterval(() => {
      const { running } = dispatcher.status();
      if (trigger !== undefined && running !== told) report.waiting(trigger, running);
      told = running;
    }, LOOK_EVERY);
    await dispatcher.stop();
    clearInterval(timer);
  };
  await Promise.all(dispatchers.map((dispatcher, index) => stopTold(dispatcher, triggers[index])));
}
