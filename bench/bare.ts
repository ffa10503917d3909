/** The measured process of the bare loop: undici alone, sending requests that are ready-made, over so many connections. */
import type { Dispatcher, Pool } from 'undici';
import { measure } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';
import { type Load, measureSlices, type Sliced, type SliceParameters } from './turns.ts';
import { handler, openPool } from './undici-alone.ts';

export type BareWay = 'request' | 'dispatch';

export interface BareParameters extends SliceParameters {
  readonly url: string;
  readonly way: BareWay;
  readonly connections: number;
  /** Flat names and values of one request each, as the function sink sent them. */
  readonly heads: readonly (readonly string[])[];
  readonly keys: number;
  readonly payload: number;
}

type Prepared = Dispatcher.DispatchOptions & { readonly path: string };

/** One for all connections of a process. */
class Loop implements Load {
  held = true;
  done = 0;
  readonly #parked: (() => void)[] = [];

  hold(held: boolean): void {
    this.held = held;
    if (!held) for (const goOn of this.#parked.splice(0)) goOn();
  }

  /** Calls back when the loop is no longer held. */
  park(goOn: () => void): void {
    this.#parked.push(goOn);
  }

  records(): number {
    return this.done;
  }
}

type Way = (pool: Pool, requests: readonly Prepared[], first: number, loop: Loop) => void;

const WAYS: Readonly<Record<BareWay, Way>> = {
  /** `request()`: a promise and a body stream a request. */
  async request(pool, requests, first, loop) {
    for (let i = first; ; i += 1) {
      if (loop.held) await new Promise<void>((resolve) => loop.park(resolve));
      // DispatchOptions carry all that RequestOptions need; the types differ in what is optional.
      const response = await pool.request(requests[i % requests.length] as Dispatcher.RequestOptions);
      await response.body.dump();
      loop.done += 1;
    }
  },

  /** `dispatch()`: one handler a connection, no promises. */
  dispatch(pool, requests, first, loop) {
    let i = first;
    const next = () => {
      const options = requests[i++ % requests.length];
      if (options !== undefined) pool.dispatch(options, ended);
    };
    const ended = handler(() => {
      loop.done += 1;
      if (loop.held) loop.park(next);
      else next();
    });
    loop.park(next);
  },
};

async function prepare(parameters: BareParameters, url: URL): Promise<Prepared[]> {
  const total = parameters.heads.length;
  const source = new MemorySource({ keys: parameters.keys, payload: parameters.payload, total, chunk: total });
  const deliveries = await source.read(total, new AbortController().signal);
  return deliveries.map((delivery, i) => ({
    path: url.pathname,
    method: 'POST',
    headers: [...(parameters.heads[i] ?? [])],
    body: delivery.record.payload,
  }));
}

measure(async (parameters: BareParameters, tell): Promise<Sliced> => {
  const url = new URL(parameters.url);
  const pool = openPool(url, parameters.connections);
  const requests = await prepare(parameters, url);
  const loop = new Loop();
  const send = WAYS[parameters.way];
  for (let i = 0; i < parameters.connections; i += 1) send(pool, requests, i, loop);
  const result = await measureSlices(parameters, loop, tell);
  await pool.close();
  return result;
});
