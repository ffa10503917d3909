/** One test of the conformance suite: a stream, a function, dispatchers, and the ledger of what went between them. */
import { expect } from 'chai';
import { CallLog, dispatcherOf, pathOf } from '../support/call-log.ts';
import type { DispatcherProcess, Exit } from '../support/dispatcher-process.ts';
import { answer, type FunctionServer, type Reply, startFunctionServer } from '../support/function-server.ts';
import { type Findings, type History, isSound, judge, type Published, summarise } from '../support/ledger.ts';
import { keepLedger } from '../support/ledger-file.ts';
import { waitFor } from '../support/wait-for.ts';
import { type DispatcherSettings, idOf, type OutRecord, type SourceHarness, type Stream } from './harness.ts';

/** Answers a call; the attempt is counted over all dispatchers, from 1. */
export type Behaviour = (call: { readonly id: string; readonly attempt: number; readonly dispatcher: string }) => Reply;

export interface RunningDispatcher {
  readonly name: string;
  readonly process: DispatcherProcess;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM; answers with how it ended. */
  stop(): Promise<Exit>;
}

export interface ScenarioOptions {
  readonly partitions?: number;
  readonly ownBroker?: boolean;
}

export type StartOptions = Omit<DispatcherSettings, 'functionUrl' | 'delivery'> & {
  readonly delivery?: DispatcherSettings['delivery'];
  /** Returns before the dispatcher is ready. */
  readonly unready?: boolean;
};

const QUICK = { maxInFlight: 16, timeout: '5s', retry: { initialDelay: '50ms', maxDelay: '200ms' } };

export class Scenario {
  readonly #stream: Stream;
  readonly #server: FunctionServer;
  readonly #log = new CallLog();
  readonly #published: Published[] = [];
  readonly #deaths = new Map<string, number>();
  readonly #dispatchers: RunningDispatcher[] = [];
  #behaviour: Behaviour = () => answer(204);

  private constructor(stream: Stream, server: FunctionServer) {
    this.#stream = stream;
    this.#server = server;
    server.respond(({ url, headers, body }) => (response) => {
      const id = idOf(body);
      const dispatcher = dispatcherOf(url);
      this.#log.begin({ id, dispatcher, eventId: headers['event-id'] ?? '' }, response);
      this.#behaviour({ id, dispatcher, attempt: this.#log.attempts(id) })(response);
    });
  }

  static async open(harness: SourceHarness, { partitions = 1, ownBroker = false }: ScenarioOptions = {}) {
    return Scenario.on(await harness.createStream({ partitions, ownBroker }));
  }

  static async on(stream: Stream): Promise<Scenario> {
    return new Scenario(stream, await startFunctionServer());
  }

  /** Where a dispatcher of that name calls the function. */
  functionUrl(dispatcher: string): string {
    return `${this.#server.url}${pathOf(dispatcher)}`;
  }

  get log(): CallLog {
    return this.#log;
  }

  get dispatchers(): readonly RunningDispatcher[] {
    return this.#dispatchers;
  }

  /** How the function answers from now on. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  async publish(records: readonly OutRecord[], options?: { readonly batch?: number }): Promise<void> {
    await this.#stream.publish(records, options);
    this.#published.push(...records.map(({ id, key }) => (key === undefined ? { id } : { id, lane: key })));
  }

  async start({ delivery, unready = false, ...options }: StartOptions = {}): Promise<RunningDispatcher> {
    const name = `d${this.#dispatchers.length + 1}`;
    const functionUrl = this.functionUrl(name);
    const process = this.#stream.start({ ...options, functionUrl, delivery: { ...QUICK, ...delivery } });
    const end = async (signal: NodeJS.Signals) => {
      const exit = await process.kill(signal);
      this.#deaths.set(name, performance.timeOrigin + performance.now());
      return exit;
    };
    const dispatcher: RunningDispatcher = {
      name,
      process,
      kill: async () => {
        await end('SIGKILL');
      },
      stop: () => end('SIGTERM'),
    };
    this.#dispatchers.push(dispatcher);
    if (!unready) await process.ready();
    return dispatcher;
  }

  /** Waits until the function has taken every record, or those given. */
  async delivered(ids: readonly string[] = this.#published.map(({ id }) => id), timeout = 20_000): Promise<void> {
    const missing = () => ids.filter((id) => !this.#log.delivered.has(id));
    const what = () => `${missing().length} of ${ids.length} records, ${missing()[0]} first\n${this.#tail()}`;
    await waitFor(() => missing().length === 0, { timeout, what });
  }

  /** Waits until the broker counts every record as acknowledged. */
  async acknowledged(timeout = 10_000): Promise<void> {
    const what = () => `the broker to count every record as acknowledged\n${this.#tail()}`;
    await waitFor(async () => (await this.#stream.backlog()) === 0, { timeout, interval: 50, what });
  }

  backlog(): Promise<number> {
    return this.#stream.backlog();
  }

  restartBroker(): Promise<void> {
    return this.#stream.restartBroker();
  }

  calls(dispatcher: RunningDispatcher): number {
    return this.#log.calls.filter((call) => call.dispatcher === dispatcher.name).length;
  }

  /** The ledger must be sound, and every request a CloudEvent. `duplicates` is how many may be. */
  async judge({ duplicates = Number.POSITIVE_INFINITY } = {}): Promise<Findings> {
    const history = this.#history();
    const findings = judge(history);
    const isGood = isSound(findings) && findings.duplicates <= duplicates;
    const where = isGood ? '' : `\nkept in ${await keepLedger('conformance', history, findings)}\n${this.#tail()}`;
    expect(isGood, `${summarise(findings)}${where}`).to.equal(true);
    this.#server.assertCloudEvents();
    return findings;
  }

  /** What the ledger says so far, good or bad. */
  findings(): Findings {
    return judge(this.#history());
  }

  async close(): Promise<void> {
    await Promise.all(this.#dispatchers.map(({ process }) => process.kill('SIGKILL')));
    await this.#server.close();
    await this.#stream.close();
  }

  #history(): History {
    return { published: this.#published, calls: this.#log.calls, deaths: this.#deaths };
  }

  #tail(): string {
    return this.#dispatchers.map(({ name, process }) => `${name}: ${process.output.slice(-1500)}`).join('\n');
  }
}
