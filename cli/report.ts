/** How a local run looks: readable lines for a person, or JSON for a program. */
import type { Trigger } from '../api/trigger.ts';
import { maskUrl } from '../common/mask-url.ts';
import type { Attempt } from '../dispatcher/attempt.ts';
import type { DispatcherStatus } from '../dispatcher/dispatcher.ts';
import { FailureStreak } from './failure-streak.ts';
import { deliveryLine, logLine, repeatedLine, summaryLine } from './lines.ts';
import type { Terminal } from './terminal.ts';
import { nameOf } from './triggers.ts';

export interface Report {
  begun(trigger: Trigger): void;
  /** After all of them have begun. */
  running(): void;
  attempted(trigger: Trigger, attempt: Attempt): void;
  /** One line of the logger, as JSON. */
  logged(line: string): void;
  stopping(running: number): void;
  /** While the trigger stops, which takes long; `running` calls aren't answered yet. */
  waiting(trigger: Trigger, running: number): void;
  ended(trigger: Trigger, status: DispatcherStatus): void;
  /** The broker keeps records for a subscription of the run's own. */
  left(trigger: Trigger): void;
}

/** `now` gives milliseconds of a monotonic clock. */
export function createPrettyReport(terminal: Terminal, now = () => performance.now()): Report {
  const streaks = new Map<Trigger, FailureStreak>();
  return {
    begun(trigger) {
      const { source } = trigger;
      const { name, type, initialPosition } = source.subscription;
      terminal.print(`${nameOf(trigger)}: ${source.topics.join(', ')} -> ${maskUrl(trigger.function.url)}`);
      terminal.print(
        `  subscription ${name} (${type}, new ones from the ${initialPosition}) at ${maskUrl(source.broker)}`,
      );
      if (trigger.paused) terminal.print('  paused: nothing is consumed');
    },
    running: () => terminal.print('Ctrl-C stops.\n'),
    attempted(trigger, attempt) {
      const streak = streaks.get(trigger) ?? new FailureStreak(now);
      streaks.set(trigger, streak);
      const { more, isShown } = streak.note(attempt);
      if (more > 0) terminal.print(repeatedLine(trigger, attempt, more));
      if (isShown) terminal.print(deliveryLine(trigger, attempt));
    },
    logged: (line) => terminal.complain(logLine(line)),
    stopping(running) {
      terminal.print(
        running === 0 ? '\nStopping.' : `\nStopping: ${runningCalls(running)} to wait for; Ctrl-C again ends at once.`,
      );
    },
    waiting(trigger, running) {
      terminal.print(`${nameOf(trigger)} waits for ${awaitedBy(trigger, running)}. Ctrl-C again ends at once.`);
    },
    ended: (trigger, status) => terminal.print(`${nameOf(trigger)}: ${summaryLine(status)}`),
    left({ source }) {
      const { name } = source.subscription;
      terminal.print(`  The broker keeps records for subscription ${name} until it is removed there, or run again.`);
    },
  };
}

export function createJsonReport(terminal: Terminal): Report {
  const print = (message: string, trigger: Trigger, fields: object) => {
    const { kind, name, namespace } = trigger;
    const time = new Date().toISOString();
    terminal.print(JSON.stringify({ level: 'info', time, kind, trigger: name, namespace, ...fields, msg: message }));
  };
  return {
    begun(trigger) {
      const { topics, broker, subscription } = trigger.source;
      const fields = { topics, broker: maskUrl(broker), subscription: subscription.name, type: subscription.type };
      print('begun', trigger, { ...fields, function: maskUrl(trigger.function.url), paused: trigger.paused });
    },
    running: () => undefined,
    attempted(trigger, { record, outcome, took, ...attempt }) {
      const { partition, position, id, key, payload } = record;
      const { kind, ...result } = outcome;
      const fields = { partition, position, id, key, bytes: payload.length, took: Math.round(took) };
      print('attempt', trigger, { ...fields, ...attempt, outcome: kind, ...result });
    },
    logged: (line) => terminal.print(line.trimEnd()),
    stopping: () => undefined,
    waiting: (trigger, running) => print('stopping', trigger, { for: awaitedBy(trigger, running) }),
    ended(trigger, { delivered, filtered, deadLettered, dropped, failures, records }) {
      print('ended', trigger, { delivered, filtered, deadLettered, dropped, failures, undelivered: records });
    },
    left: (trigger) => print('subscription left', trigger, { subscription: trigger.source.subscription.name }),
  };
}

/** What a trigger that stops waits for: its calls, and after them its source. */
function awaitedBy({ function: { url }, source }: Trigger, running: number): string {
  if (running > 0) return `${runningCalls(running)} to ${maskUrl(url)}`;
  return `${maskUrl(source.broker)} to close the connection`;
}

function runningCalls(count: number): string {
  return `${count} running ${count === 1 ? 'call' : 'calls'}`;
}
