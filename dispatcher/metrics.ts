/** The dispatcher's numbers in Prometheus' format. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Attempt } from './attempt.ts';
import { Durations } from './durations.ts';
import type { KnownLag } from './lag-watch.ts';
import type { PipelineStatus } from './pipeline-status.ts';
import type { Hold } from './sources/source.ts';

export interface Metrics {
  observe(attempt: Attempt): void;
  /** An attribute of a record was left out of a request, or cut, for another reason than its size. */
  headerSkipped(): void;
  /** A record passed the filters because an expression failed on it. */
  filterUndecided(): void;
  expose(): Promise<{ readonly contentType: string; readonly body: string }>;
}

const PREFIX = 'kubeless_dispatcher_';
const DURATION_HELP = 'How long calls of the function took.';

/** Counts are read from the pipeline when Prometheus asks, so that a record costs nothing but its duration. */
export function createMetrics(
  status: () => PipelineStatus,
  lag: () => KnownLag,
  heldBack: () => Hold | undefined = () => undefined,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const counter = (name: string, help: string, value: (now: PipelineStatus) => number) =>
    new Counter({
      name: `${PREFIX}${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value(status()));
      },
    });
  const gauge = (name: string, help: string, value: (now: PipelineStatus) => number) =>
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      registers,
      collect() {
        this.set(value(status()));
      },
    });

  counter('records_delivered_total', 'Records that the function took.', (now) => now.delivered);
  counter('records_filtered_total', 'Records that the filters kept from the function.', (now) => now.filtered);
  counter('records_dead_lettered_total', 'Records stored in the dead letter.', (now) => now.deadLettered);
  counter('records_dropped_total', 'Records let go at their retry limit, without a dead letter.', (now) => now.dropped);
  gauge('connected', '1 while the source is connected.', (now) => Number(now.connected));
  gauge('paused', '1 while the trigger is paused.', (now) => Number(now.paused));
  gauge('blocked', '1 while the buffer is full of records that wait for a failing key.', (now) =>
    Number(!!now.blocked),
  );
  gauge('records_in_hand', 'Records read and not yet acknowledged.', (now) => now.records);
  gauge('bytes_in_hand', 'Bytes of the records in hand.', (now) => now.bytes);
  gauge('calls_running', 'Calls of the function that run.', (now) => now.running);
  gauge('keys_retrying', 'Keys whose first record waits for another attempt.', (now) => now.retrying);
  new Counter({
    name: `${PREFIX}failures_total`,
    help: 'Failed attempts by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(status().failures)) this.inc({ reason }, count);
    },
  });
  new Gauge({
    name: `${PREFIX}lag_records`,
    help: 'Records after the last acknowledged one; absent while unknown.',
    labelNames: ['partition'],
    registers,
    collect() {
      this.reset();
      const known = lag();
      if (known.known) for (const { partition, records } of known.partitions) this.set({ partition }, records);
    },
  });
  new Gauge({
    name: `${PREFIX}held_back`,
    help: '1 while records wait at the broker although they are wanted; the status has a sentence for each reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      const hold = heldBack();
      if (hold !== undefined) this.set({ reason: hold.reason }, 1);
    },
  });
  const skipped = new Counter({
    name: `${PREFIX}headers_skipped_total`,
    help: 'Attributes of records left out of a request, or cut, for another reason than their size: mostly for their names.',
    registers,
  });
  const undecided = new Counter({
    name: `${PREFIX}filters_undecided_total`,
    help: 'Records that passed the filters because a CEL expression failed or took too many steps.',
    registers,
  });
  const durations = new Durations();

  return {
    observe: (attempt) => durations.observe(attempt.took),
    headerSkipped: () => skipped.inc(),
    filterUndecided: () => undecided.inc(),
    expose: async () => ({
      contentType: registry.contentType,
      body: `${await registry.metrics()}${durations.expose(`${PREFIX}attempt_duration_seconds`, DURATION_HELP)}`,
    }),
  };
}
