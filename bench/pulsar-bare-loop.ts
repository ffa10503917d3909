/** The measured process of the bare loop over Pulsar: a WebSocket and undici alone, each record acked once it is answered. */
import { once } from 'node:events';
import type { Dispatcher } from 'undici';
import { WebSocket } from 'ws';
import { measure } from './measured-process.ts';
import { Progress, type PulsarParameters, type PulsarResult } from './pulsar-progress.ts';
import { handler, openPool } from './undici-alone.ts';

/** Records that are permitted ahead, and how many are permitted at a time. */
const AHEAD = 1000;
const PERMIT = 250;

interface Frame {
  readonly messageId: string;
  readonly payload: string;
}

/** No order, no retry, no window: so many connections, and the next record for whichever is free. */
measure(async (parameters: PulsarParameters): Promise<PulsarResult> => {
  const url = new URL(parameters.url);
  const pool = openPool(url, parameters.maxInFlight);
  const progress = new Progress(parameters);
  const query = `subscriptionType=Failover&subscriptionInitialPosition=Earliest&pullMode=true&receiverQueueSize=${AHEAD}`;
  const path = `/ws/v2/consumer/persistent/public/default/${parameters.topic}/bare`;
  const socket = new WebSocket(`${parameters.broker}${path}?${query}`, { perMessageDeflate: false });
  const waiting: Frame[] = [];
  let free = parameters.maxInFlight;
  let done = 0;

  const permit = (permitMessages: number) => socket.send(JSON.stringify({ type: 'permit', permitMessages }));
  const post = ({ messageId, payload }: Frame) => {
    const options: Dispatcher.DispatchOptions = {
      path: url.pathname,
      method: 'POST',
      headers: ['content-type', 'application/json', 'event-id', messageId],
      body: Buffer.from(payload, 'base64'),
    };
    pool.dispatch(
      options,
      handler(() => {
        socket.send(`{"messageId":"${messageId}"}`);
        progress.note();
        done += 1;
        // Not as they come: the broker would have sent everything before it is measured.
        if (done % PERMIT === 0) permit(PERMIT);
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else post(next);
      }),
    );
  };

  socket.on('message', (data) => {
    const frame = JSON.parse(data.toString()) as Frame; // what the API sends to a consumer in pull mode
    if (free === 0) {
      waiting.push(frame);
      return;
    }
    free -= 1;
    post(frame);
  });
  await once(socket, 'open');
  permit(AHEAD);
  const result = await progress.ended;
  const closed = once(socket, 'close');
  socket.close();
  await Promise.all([closed, pool.close()]);
  return result;
});
