/** Two replicas of the controller that are started again when they end, as a Deployment's are. */
import type { ControllerProcess, ControllerRelease, StartOptions } from '../support/controller-release.ts';
import { waitFor } from '../support/wait-for.ts';

export interface Replicas {
  /** Resolves when one leads. */
  leader(timeout?: number): Promise<Replica>;
  /** Sends the signal to the leader and resolves with the milliseconds until another one leads. */
  replaceLeader(signal: 'SIGKILL' | 'SIGTERM'): Promise<number>;
  /** Halts the leader until another one leads, then lets it go on: it has to end by itself. */
  haltLeader(): Promise<number>;
  /** Of all that ran, with their exits. */
  log(): string;
  stop(): Promise<void>;
}

export interface Replica {
  readonly index: number;
  readonly process: ControllerProcess;
}

/** How long any hand-over may take before a run is given up, in milliseconds. */
const LONGEST = 60_000;

export function startReplicas(release: ControllerRelease, options: readonly StartOptions[]): Replicas {
  const ended: string[] = [];
  let stopping = false;
  const replicas = options.map((_, index) => begin(index));

  function begin(index: number): Replica {
    const process = release.start(options[index]);
    void process.exited.then(({ code, signal }) => {
      ended.push(`replica ${index} ended with ${signal ?? code}\n${process.output.slice(-1500)}`);
      if (!stopping) replicas[index] = begin(index);
    });
    return { index, process };
  }

  async function isLeading({ process }: Replica): Promise<boolean> {
    const { body } = await process.get('/metrics');
    return /^kubeless_controller_leader 1$/m.test(body);
  }

  async function findLeader(except?: Replica): Promise<Replica | undefined> {
    for (const replica of replicas) {
      if (replica !== except && (await isLeading(replica).catch(() => false))) return replica;
    }
    return undefined;
  }

  const leader = (timeout = LONGEST) =>
    waitFor(() => findLeader(), { timeout, interval: 20, what: () => `a leader\n${log()}` });

  async function another(than: Replica): Promise<number> {
    const startedAt = performance.now();
    await waitFor(() => findLeader(than), { timeout: LONGEST, interval: 10, what: () => `another leader\n${log()}` });
    return performance.now() - startedAt;
  }

  const log = () => {
    const running = replicas.map(({ index, process }) => `replica ${index} runs\n${process.output.slice(-1500)}`);
    return [...ended.slice(-6), ...running].join('\n');
  };

  return {
    leader,
    async replaceLeader(signal) {
      const old = await leader();
      // The one that takes over is there already, as it would be with a PodDisruptionBudget.
      await Promise.all(replicas.map(({ process }) => process.ready(LONGEST)));
      void old.process.kill(signal);
      return another(old);
    },
    async haltLeader() {
      const old = await leader();
      await Promise.all(replicas.map(({ process }) => process.ready(LONGEST)));
      process.kill(old.process.pid, 'SIGSTOP');
      const took = await another(old);
      process.kill(old.process.pid, 'SIGCONT');
      const exit = await Promise.race([old.process.exited, waitLong()]);
      if (exit === undefined) throw new Error(`a replica that was halted goes on leading\n${log()}`);
      return took;
    },
    log,
    async stop() {
      stopping = true;
      await Promise.all(replicas.map(({ process }) => process.kill('SIGTERM')));
    },
  };
}

function waitLong(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, LONGEST, undefined).unref());
}
