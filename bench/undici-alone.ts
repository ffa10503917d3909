/** undici as the bare loops use it: nothing of ours between a request and its connection. */
import { type Dispatcher, Pool } from 'undici';

export function openPool({ origin }: URL, connections: number): Pool {
  return new Pool(origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
}

/** A failed request ends the process: its figures would count for nothing. */
export function handler(onEnd: () => void): Dispatcher.DispatchHandler {
  return {
    onRequestStart() {},
    onResponseStart() {},
    onResponseData() {},
    onResponseEnd: onEnd,
    onResponseError(_controller, error) {
      console.error(error);
      process.exit(1);
    },
  };
}
