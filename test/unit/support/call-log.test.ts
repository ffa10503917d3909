/** The log must tell calls apart that followed one another, however late this process comes to read them. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { CallLog } from '../../support/call-log.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Hangs up on one call and then begins another, both while the server's process is held up. */
const CALLER = `
  const { connect } = require('node:net');
  const { workerData: { port, steps } } = require('node:worker_threads');
  const request = (name) => 'POST /' + name + ' HTTP/1.1\\r\\nhost: f\\r\\ncontent-length: 0\\r\\n\\r\\n';
  const first = connect(port, '127.0.0.1', () => first.write(request('first')));
  const second = connect(port, '127.0.0.1', () => second.write(request('warm')));
  const steps32 = new Int32Array(steps);
  const next = setInterval(() => {
    if (Atomics.load(steps32, 0) === 0) return;
    clearInterval(next);
    first.destroy();
    first.once('close', () => second.write(request('second'), () => {
      Atomics.store(steps32, 0, 2);
      Atomics.notify(steps32, 0);
    }));
  }, 1);
`;

describe('call log', () => {
  let server: Server;
  let caller: Worker;

  afterEach(async () => {
    await caller.terminate();
    server.closeAllConnections();
    server.close();
  });

  it('ends a call whose caller hung up before what the caller sent next, though a stall let both wait', async () => {
    const log = new CallLog();
    server = createServer((request, response) => {
      const id = (request.url ?? '').slice(1);
      log.begin({ id, eventId: id, dispatcher: 'd' }, response);
      if (id !== 'first') request.resume().on('end', () => response.end());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const steps = new SharedArrayBuffer(4);
    const { port } = server.address() as AddressInfo;
    caller = new Worker(CALLER, { eval: true, workerData: { port, steps } });
    await waitFor(() => log.calls.length === 2 && log.open === 1, { what: 'the first call alone' });

    const word = new Int32Array(steps);
    Atomics.store(word, 0, 1);
    // Holds this process up until both are in the sockets.
    expect(Atomics.wait(word, 0, 1, 10_000)).to.equal('ok');
    await waitFor(() => log.calls.length === 3 && log.open === 0, { what: 'the second call' });
    const of = (id: string) => log.calls.find((call) => call.id === id);
    expect(of('first')?.end).to.be.at.most(of('second')?.start ?? 0);
  });
});
