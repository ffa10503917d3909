/** The measured process of the bare loop: undici alone, sending requests that are ready-made, over so many connections. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import { measure, startUsage, type Used } from './measured-process.ts';
import { MemorySource } from './memory-source.ts';

export type BareWay = 'request' | 'dispatch';

export interface BareParameters {
  readonly url: string;
  readonly way: BareWay;
  readonly connections: number;
  /** Flat names and values of one request each, as the function sink sent them. */
  readonly heads: readonly (readonly string[])[];
  readonly keys: number;
  readonly payload: number;
  /** Milliseconds. */
  readonly warmUp: number;
  readonly duration: number;
}

export interface BareResult extends Used {
  readonly records: number;
}

type Prepared = Dispatcher.DispatchOptions & { readonly path: string };

interface Loop {
  stopped: boolean;
  records: number;
}

type Way = (pool: Pool, requests: readonly Prepared[], first: number, loop: Loop) => Promise<void>;

const WAYS: Readonly<Record<BareWay, Way>> = {
  /** `request()`: a promise and a body stream a request. */
  async request(pool, requests, first, loop) {
    for (let i = first; !loop.stopped; i += 1) {
      const options = requests[i % requests.length];
      if (options === undefined) return;
      // DispatchOptions carry all that RequestOptions need; the types differ in what is optional.
      const response = await pool.request(options as Dispatcher.RequestOptions);
      await response.body.dump();
      loop.records += 1;
    }
  },

  /** `dispatch()`: one handler a connection, no promises. */
  dispatch(pool, requests, first, loop) {
    return new Promise((resolve, reject) => {
      let i = first;
      const next = () => {
        const options = requests[i++ % requests.length];
        if (loop.stopped || options === undefined) resolve();
        else pool.dispatch(options, handler);
      };
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd() {
          loop.records += 1;
          next();
        },
        onResponseError: (_controller, error) => reject(error),
      };
      next();
    });
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

measure(async (parameters: BareParameters): Promise<BareResult> => {
  const url = new URL(parameters.url);
  const pool = new Pool(url.origin, {
    connections: parameters.connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const requests = await prepare(parameters, url);
  const loop = { stopped: false, records: 0 };
  const send = WAYS[parameters.way];

  const running: Promise<void>[] = [];
  for (let i = 0; i < parameters.connections; i += 1) running.push(send(pool, requests, i, loop));
  await pause(parameters.warmUp);
  const used = startUsage();
  const before = loop.records;
  await pause(parameters.duration);
  const result = { records: loop.records - before, ...used() };
  loop.stopped = true;
  await Promise.all(running);
  await pool.close();
  return result;
});
