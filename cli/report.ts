/** How a local run looks: readable lines for a person, or JSON for a program. */
import type { Trigger } from '../api/trigger.ts';
import { maskUrl } from '../api/url.ts';
import type { Attempt } from '../dispatcher/attempt.ts';
import type { DispatcherStatus } from '../dispatcher/dispatcher.ts';
import { deliveryLine, logLine, summaryLine } from './lines.ts';
import type { Terminal } from './terminal.ts';
import { nameOf } from './triggers.ts';

export interface Report {
  begun(trigger: Trigger): void;
  /** All of them. */
  connected(): void;
  attempted(trigger: Trigger, attempt: Attempt): void;
  /** One line of the logger, as JSON. */
  logged(line: string): void;
  stopping(running: number): void;
  ended(trigger: Trigger, status: DispatcherStatus): void;
  /** The broker keeps records for a subscription of the run's own. */
  left(trigger: Trigger): void;
}

export function createPrettyReport(terminal: Terminal): Report {
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
    connected: () => terminal.print('Connected. Ctrl-C stops.\n'),
    attempted: (trigger, attempt) => terminal.print(deliveryLine(trigger, attempt)),
    logged: (line) => terminal.complain(logLine(line)),
    stopping(running) {
      terminal.print(
        running === 0
          ? '\nStopping.'
          : `\nStopping: ${running} running calls are waited for; Ctrl-C again ends at once.`,
      );
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
    connected: () => undefined,
    attempted(trigger, { record, outcome, took, ...attempt }) {
      const { partition, position, id, key, payload } = record;
      const { kind, ...result } = outcome;
      const fields = { partition, position, id, key, bytes: payload.length, took: Math.round(took) };
      print('attempt', trigger, { ...fields, ...attempt, outcome: kind, ...result });
    },
    logged: (line) => terminal.print(line.trimEnd()),
    stopping: () => undefined,
    ended(trigger, { delivered, filtered, deadLettered, dropped, failures, records }) {
      print('ended', trigger, { delivered, filtered, deadLettered, dropped, failures, undelivered: records });
    },
    left: (trigger) => print('subscription left', trigger, { subscription: trigger.source.subscription.name }),
  };
}
