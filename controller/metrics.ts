/** The controller's numbers in Prometheus' format. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is true at the moment of asking. */
export interface Reading {
  readonly queue: number;
  readonly isLeader: boolean;
  readonly rolling: number;
  readonly waitingToRoll: number;
  readonly rolloutsPaused: boolean;
  /** Triggers by the reason of their condition Ready. */
  readonly triggers: ReadonlyMap<string, number>;
}

export type Written = 'deployment' | 'status' | 'event' | 'deletion';

export interface Metrics {
  reconciled(result: 'done' | 'failed', seconds: number): void;
  /** A request that changes something was answered. */
  wrote(what: Written, result: 'done' | 'failed'): void;
  /** What somebody else wrote over was applied again. */
  contested(): void;
  expose(): Promise<{ readonly contentType: string; readonly body: string }>;
}

const PREFIX = 'kubeless_controller_';

export function createMetrics(read: () => Reading): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const gauge = (name: string, help: string, value: (reading: Reading) => number) =>
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      registers,
      collect() {
        this.set(value(read()));
      },
    });

  gauge('queue_depth', 'Triggers that wait for their turn.', ({ queue }) => queue);
  gauge('leader', '1 while this replica is the one that acts.', ({ isLeader }) => Number(isLeader));
  gauge('rollouts_running', 'Deployments that roll over a change of the controller.', ({ rolling }) => rolling);
  gauge('rollouts_waiting', 'Deployments that wait for such a change.', ({ waitingToRoll }) => waitingToRoll);
  gauge('rollouts_paused', '1 after three such changes failed in a row.', ({ rolloutsPaused }) =>
    Number(rolloutsPaused),
  );
  new Gauge({
    name: `${PREFIX}triggers`,
    help: 'Triggers by the reason of their condition Ready.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of read().triggers) this.set({ reason }, count);
    },
  });
  const durations = new Histogram({
    name: `${PREFIX}reconcile_duration_seconds`,
    help: 'How long it took to look after one trigger.',
    labelNames: ['result'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  const writes = new Counter({
    name: `${PREFIX}writes_total`,
    help: 'Requests that change something, by what and result; none while nothing changes.',
    labelNames: ['what', 'result'],
    registers,
  });

  const contests = new Counter({
    name: `${PREFIX}contested_total`,
    help: "Times that somebody else's change of a Deployment's fields, or of a status, was taken back.",
    registers,
  });

  return {
    reconciled: (result, seconds) => durations.observe({ result }, seconds),
    wrote: (what, result) => writes.inc({ what, result }),
    contested: () => contests.inc(),
    expose: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
