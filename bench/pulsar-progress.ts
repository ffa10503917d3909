/** What a measured process that works off a backlog in Pulsar gets, counts and gives. */
import { brokerCpu } from './broker-cpu.ts';
import { startUsage, type Used } from './measured-process.ts';
import { type Slice, type Stretch, startSlice } from './turns.ts';

export interface PulsarParameters {
  readonly url: string;
  readonly broker: string;
  readonly topic: string;
  readonly maxInFlight: number;
  /** Records in the topic, and how many of them go by before the measurement begins. */
  readonly total: number;
  readonly warmUp: number;
  /** The broker's process, where it is on this machine. */
  readonly brokerPid?: number;
}

/** After the warm-up. */
export interface PulsarResult extends Used {
  readonly records: number;
  /** The warm-up too: all records over the time from the first one's delivery. */
  readonly fromFirst: Stretch;
  /** Of a second each; what is left at the end is in none. */
  readonly slices: readonly Slice[];
  /** Processor time of the broker, all threads; absent where it isn't known. */
  readonly brokerMicros?: number;
}

const SLICE = 1000;

export class Progress {
  readonly ended: Promise<PulsarResult>;
  readonly #parameters: PulsarParameters;
  readonly #slices: Slice[] = [];
  readonly #end: (result: PulsarResult) => void;
  #used: (() => Used) | undefined;
  #brokerUsed: () => number | undefined = () => undefined;
  #cutting: NodeJS.Timeout | undefined;
  #delivered = 0;
  #first = 0;

  constructor(parameters: PulsarParameters) {
    this.#parameters = parameters;
    const { promise, resolve } = Promise.withResolvers<PulsarResult>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** One more record was delivered. */
  note(): void {
    const { total, warmUp } = this.#parameters;
    this.#delivered += 1;
    if (this.#delivered === 1) this.#first = performance.now();
    if (this.#delivered === warmUp) this.#begin();
    if (this.#delivered < total || this.#used === undefined) return;
    clearInterval(this.#cutting);
    const brokerMicros = this.#brokerUsed();
    this.#end({
      records: total - warmUp,
      fromFirst: { records: total, seconds: (performance.now() - this.#first) / 1000 },
      slices: this.#slices,
      ...this.#used(),
      ...(brokerMicros !== undefined && { brokerMicros }),
    });
  }

  #begin(): void {
    this.#used = startUsage();
    this.#brokerUsed = brokerCpu(this.#parameters.brokerPid);
    let end = startSlice(() => this.#delivered);
    this.#cutting = setInterval(() => {
      this.#slices.push(end());
      end = startSlice(() => this.#delivered);
    }, SLICE);
  }
}
