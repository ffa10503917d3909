/** One run of the fault test: records of a real Pulsar through dispatchers that are killed, to a function that fails. */
import { randomUUID } from 'node:crypto';
import { encodeTrigger } from '../../api/trigger.ts';
import { type PulsarAdmin, pulsarAdmin } from '../servers/pulsar/admin.ts';
import type { PulsarServer } from '../servers/pulsar/index.ts';
import { pathOf } from '../support/call-log.ts';
import { type DispatcherProcess, startDispatcherProcess } from '../support/dispatcher-process.ts';
import { type Findings, type History, isSound, judge, type Published, summarise } from '../support/ledger.ts';
import { keepLedger } from '../support/ledger-file.ts';
import { publish } from '../support/pulsar-producer.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Debt, noteDebt } from './debt.ts';
import { type FunctionProcess, startFunctionProcess } from './function-process.ts';
import { createRandom, type Fault, FUNCTION_FAULTS, type FunctionFault, type Plan } from './schedule.ts';

export interface RunResult {
  readonly findings: Findings;
  /** Faults that struck while records were in hand. */
  readonly faults: number;
  readonly seconds: number;
  /** Nothing was broken, and enough faults struck for the run to count. */
  readonly isGood: boolean;
  /** One line, and the broken things below it. */
  readonly ledger: string;
}

/** Fewer faults with records in hand, and a run doesn't count. */
export const LEAST_FAULTS = 20;
const SUBSCRIPTION = 'faults';
/** The buffer is also what the broker's proxy holds of each partition, and so what comes before what comes again. */
const DELIVERY = {
  maxInFlight: 32,
  buffer: { records: 256 },
  timeout: '500ms',
  retry: { initialDelay: '50ms', maxDelay: '400ms' },
};
/** Of all records. A few: they are sent one after another, and the broker stores no later acknowledgement as long as one is behind. */
const UNKEYED = 0.005;
/** Without any progress for so long a run is given up; a restart of the broker takes about 10 s. */
const STUCK_MS = 60_000;
/** From this share of the records on the function takes so much longer while a fault waits for its moment. */
const LATE = 0.6;
const SLOWER_MS = 40;

export async function runFaults(pulsar: PulsarServer, plan: Plan): Promise<RunResult> {
  const startedAt = performance.now();
  const run = new Run(pulsar, plan, await startFunctionProcess(plan.seed));
  try {
    const history = await run.perform();
    const findings = judge(history);
    const seconds = (performance.now() - startedAt) / 1000;
    const isGood = isSound(findings) && run.faults >= LEAST_FAULTS && run.trouble === '';
    const kept = isGood ? '' : `\n  kept in ${await keepLedger(`seed-${plan.seed}`, history, findings)}${run.trouble}`;
    const head = `seed ${plan.seed}  faults ${run.faults}  ${seconds.toFixed(1)} s`;
    return { findings, faults: run.faults, seconds, isGood, ledger: `${head}  ${summarise(findings)}${kept}` };
  } finally {
    await run.close();
  }
}

class Run {
  readonly #pulsar: PulsarServer;
  readonly #admin: PulsarAdmin;
  readonly #plan: Plan;
  readonly #function: FunctionProcess;
  readonly #topic = `faults-${randomUUID()}`;
  #dispatcher: { readonly name: string; readonly process: DispatcherProcess } | undefined;
  #dispatchers = 0;
  /** Broker and dispatcher are left alone until these are paid; the function fails all the while. */
  readonly #debts: Debt[] = [];
  /** What dead dispatchers had acknowledged: the broker is left alone until it has stored it. */
  readonly #legacies: Debt[] = [];
  faults = 0;
  /** What else went wrong, for the reader of a ledger. */
  trouble = '';

  constructor(pulsar: PulsarServer, plan: Plan, functionProcess: FunctionProcess) {
    this.#pulsar = pulsar;
    this.#admin = pulsarAdmin(pulsar);
    this.#plan = plan;
    this.#function = functionProcess;
  }

  async perform(): Promise<History> {
    const { partitions, records, faults } = this.#plan;
    if (partitions === 1) await this.#admin.createTopic(this.#topic);
    else await this.#admin.createPartitionedTopic(this.#topic, partitions);
    await this.#admin.createSubscription(this.#topic, SUBSCRIPTION, 'earliest');
    const published = await this.#publish();
    this.#start();
    try {
      for (const { at, fault, calls } of faults) {
        await this.#progress(at);
        if (!isFunctionFault(fault)) await this.#paid(fault);
        if (this.#function.progress.delivered < records) await this.#strike(fault, calls);
      }
      await this.#progress(records, 0);
    } catch (error) {
      this.trouble = `\n  ${error}\n${this.#dispatcher?.process.output.slice(-3000)}`;
    }
    const exit = await this.#end('SIGTERM');
    if (exit?.code !== 0) this.trouble += `\n  the last dispatcher ended with ${JSON.stringify(exit)}`;
    return { published, ...(await this.#function.report()) };
  }

  async close(): Promise<void> {
    await this.#end('SIGKILL');
    await this.#function.stop();
  }

  /** Most records have one of many keys; some have none, and on a plain topic share a lane of their own. */
  async #publish(): Promise<Published[]> {
    const { seed, records, keys, partitions } = this.#plan;
    const random = createRandom(seed ^ 0x5eed);
    const made = Array.from({ length: records }, (_, n) => {
      const key = random() < UNKEYED ? undefined : `k${Math.floor(random() * keys)}`;
      return { id: `r${n}`, ...(key !== undefined && { key }) };
    });
    const out = made.map(({ id, ...rest }) => ({ ...rest, payload: JSON.stringify({ id }) }));
    await publish(this.#pulsar, this.#topic, out);
    return made.map(({ id, key }) => {
      const lane = key ?? (partitions === 1 ? 'no key' : undefined);
      return lane === undefined ? { id } : { id, lane };
    });
  }

  /** Waits for so many deliveries and, unless the end is waited for, for calls that are open. */
  async #progress(delivered: number, open = 1): Promise<void> {
    let last = -1;
    let lastAt = performance.now();
    const what = () => `${delivered} deliveries, ${this.#function.progress.delivered} so far`;
    const reached = () => {
      const { progress } = this.#function;
      if (progress.delivered > last) {
        last = progress.delivered;
        lastAt = performance.now();
      }
      if (performance.now() - lastAt > STUCK_MS) return 'stuck';
      if (this.#dispatcher?.process.child.exitCode !== null) return 'ended';
      const isOver = progress.delivered >= this.#plan.records;
      return progress.delivered >= delivered && (isOver || progress.open >= open) && 'reached';
    };
    const state = await waitFor(reached, { timeout: 600_000, interval: 2, what });
    if (state === 'ended') throw new Error(`waiting for ${what()}: the dispatcher ended by itself`);
    if (state === 'stuck') throw new Error(`waiting for ${what()}: no progress for ${STUCK_MS} ms`);
  }

  async #strike(fault: Fault, calls: number): Promise<void> {
    if (isFunctionFault(fault)) {
      const { struck } = this.#function.progress;
      this.#function.burst(fault, calls);
      await waitFor(() => this.#function.progress.struck > struck, { timeout: STUCK_MS, what: `a call to ${fault}` });
      this.faults += 1;
      return;
    }
    if (this.#function.progress.open > 0) this.faults += 1;
    if (fault === 'kill') return this.#replace('SIGKILL');
    if (fault === 'terminate') return this.#replace('SIGTERM');
    this.#debts.push(await this.#noteDebt());
    if (fault === 'unload') await this.#admin.unloadTopic(this.#topic);
    else await this.#pulsar.restart('SIGTERM');
  }

  async #paid(fault: Fault): Promise<void> {
    const what = 'what came before an unload or a restart to be acknowledged';
    const { records } = this.#plan;
    const isPaid = (debt: Debt) => {
      // Or the run would be over before its last faults have struck.
      if (this.#function.progress.delivered > records * LATE) this.#function.slow(SLOWER_MS);
      return debt.isPaid();
    };
    const pay = async (debts: Debt[]) => {
      for (const debt of debts.splice(0)) await waitFor(() => isPaid(debt), { timeout: STUCK_MS, interval: 20, what });
    };
    await pay(this.#debts);
    if (fault === 'unload' || fault === 'broker') await pay(this.#legacies);
    this.#function.slow(0);
  }

  async #replace(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const exit = await this.#end(signal);
    this.#legacies.push(await this.#noteDebt());
    if (signal === 'SIGTERM' && exit?.code !== 0) this.trouble += `\n  SIGTERM ended with ${JSON.stringify(exit)}`;
    this.#start();
  }

  #noteDebt(): Promise<Debt> {
    return noteDebt(this.#pulsar, this.#partitions(), SUBSCRIPTION);
  }

  #partitions(): readonly string[] {
    const { partitions } = this.#plan;
    if (partitions === 1) return [this.#topic];
    return Array.from({ length: partitions }, (_, index) => `${this.#topic}-partition-${index}`);
  }

  #start(): void {
    const name = `d${++this.#dispatchers}`;
    const trigger = {
      apiVersion: 'kubeless.io/v1',
      kind: 'PulsarTrigger',
      metadata: { name: 'faults', namespace: 'test' },
      spec: {
        pulsar: { topic: this.#topic, broker: this.#pulsar.wsUrl, subscription: { name: SUBSCRIPTION } },
        kubeless: { function: `${this.#function.url}${pathOf(name)}` },
        delivery: DELIVERY,
      },
    };
    this.#dispatcher = { name, process: startDispatcherProcess({ env: { TRIGGER: encodeTrigger(trigger) } }) };
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM') {
    if (this.#dispatcher === undefined) return undefined;
    const { name, process } = this.#dispatcher;
    this.#dispatcher = undefined;
    // Told before it listens to signals, a process ends by its default.
    if (signal === 'SIGTERM') await process.ready(STUCK_MS);
    const exit = await process.kill(signal);
    await this.#function.died(name);
    return exit;
  }
}

function isFunctionFault(fault: Fault): fault is FunctionFault {
  return (FUNCTION_FAULTS as readonly string[]).includes(fault);
}
