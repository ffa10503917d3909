/** What only a server that misbehaves on purpose can show: silence, and old batches. */
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Trigger } from '../../../../../api/trigger.ts';
import { createLogger } from '../../../../../common/logger.ts';
import { createCredentials } from '../../../../../dispatcher/sources/pulsar/credentials.ts';
import { TIMING, type Timing } from '../../../../../dispatcher/sources/pulsar/timing.ts';
import { createWebSocketSource } from '../../../../../dispatcher/sources/pulsar/websocket-source.ts';
import type { Source } from '../../../../../dispatcher/sources/source.ts';
import { waitFor } from '../../../../support/wait-for.ts';

type SubscriptionType = Trigger['source']['subscription']['type'];

const BATCHED = { messageId: Buffer.from('0805100220013003', 'hex').toString('base64') };
/** Longer than a busy machine keeps this process from reading an answer. */
const PING = 400;
const SINGLE = { messageId: Buffer.from('080510003000', 'hex').toString('base64') };

describe('Pulsar over WebSocket, against a server that misbehaves', () => {
  let server: WebSocketServer;
  let source: Source;
  let why: string[];
  let clients: WebSocket[];
  let commands: { type?: string; permitMessages?: number; messageId?: string }[];
  let queues: (string | null)[];
  let time: number;

  async function start(
    autoPong: boolean,
    timing: Partial<Timing>,
    { type = 'Failover', records = 100 }: { readonly type?: SubscriptionType; readonly records?: number } = {},
  ): Promise<void> {
    [why, clients, commands, queues, time] = [[], [], [], [], 0];
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong });
    server.on('connection', (client, { url = '' }) => {
      clients.push(client);
      queues.push(new URL(url, 'ws://host').searchParams.get('receiverQueueSize'));
      client.on('message', (data) => commands.push(JSON.parse(data.toString())));
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const spec: Trigger['source'] = {
      type: 'pulsar',
      topics: ['t'],
      broker: `ws://127.0.0.1:${port}`,
      subscription: { name: 's', type, initialPosition: 'latest' },
      tls: { allowInsecure: false, verifyHostname: true },
    };
    // Of a trigger the driver looks at these two only.
    const trigger = {
      source: spec,
      delivery: { maxInFlight: 32, buffer: { records, bytes: 2 ** 26 } },
    } as Trigger;
    const secrets = { read: () => expect.fail('no secret'), path: () => expect.fail('no secret') };
    source = createWebSocketSource({
      trigger,
      credentials: createCredentials(spec, secrets),
      logger: createLogger('silent'),
      timing: { ...TIMING, minBackoff: 10, ...timing },
      now: () => time,
    });
    const events = {
      revoked: async () => {},
      lost: () => {},
      state: (_: boolean, reason?: string) => why.push(reason ?? 'connected'),
    };
    await source.connect(events, AbortSignal.timeout(5000));
  }

  const send = (frame: object) =>
    clients.at(-1)?.send(JSON.stringify({ ...frame, publishTime: '2026-01-01T00:00:00Z' }));
  const read = () => source.read(10, AbortSignal.timeout(5000));

  afterEach(async () => {
    await source.close();
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  });

  it('takes a missing answer to a ping for a lost connection', async () => {
    await start(false, { ping: 20 });
    await waitFor(() => clients.length > 1, { what: 'a second connection' });
    expect(why[1]).to.include('a ping had no answer');
  });

  it('keeps a connection whose pings are answered', async () => {
    await start(true, { ping: PING });
    let pings = 0;
    clients[0]?.on('ping', () => pings++);
    await waitFor(() => pings > 5, { what: 'six pings' });
    expect(clients).to.have.length(1);
  });

  it('connects anew when a record of a batch waits for too long, and only then', async () => {
    await start(true, { ping: PING });
    const reading = read();
    send(SINGLE);
    send(BATCHED);
    const deliveries = [...(await reading)];
    while (deliveries.length < 2) deliveries.push(...(await read()));
    const [single, batched] = deliveries;
    time = TIMING.batchAge;
    batched?.ack();
    time++;
    single?.ack();
    await waitFor(() => commands.filter(({ messageId }) => messageId !== undefined).length === 2, { what: 'two acks' });
    expect(clients).to.have.length(1);
    const again = read();
    send(BATCHED);
    const [old] = await again;
    time += TIMING.batchAge + 1;
    await waitFor(() => clients.length > 1, { what: 'a second connection' });
    const acks = commands.length;
    old?.ack();
    await source.close();
    expect(commands.slice(acks).filter(({ messageId }) => messageId !== undefined)).to.deep.equal([]);
  });

  it('lets acks wait for one another, and sends those that wait when it closes', async () => {
    await start(true, { acks: 3_600_000 });
    const reading = read();
    for (let count = 0; count < 3; count++) send(SINGLE);
    const deliveries = [...(await reading)];
    while (deliveries.length < 3) deliveries.push(...(await read()));
    for (const delivery of deliveries) delivery.ack();
    const acks = () => commands.filter(({ messageId }) => messageId !== undefined);
    // An answered ping is behind whatever was sent before it.
    await new Promise((resolve) => clients[0]?.once('pong', resolve).ping());
    expect(acks()).to.deep.equal([]);
    await source.close();
    expect(acks()).to.deep.equal([SINGLE, SINGLE, SINGLE]);
  });

  it('asks for no record unless it is read, and for no more than was wanted of records that may be large', async () => {
    await start(true, {});
    expect(commands).to.deep.equal([]);
    const reading = read();
    const permits = () => commands.reduce((sum, { permitMessages = 0 }) => sum + permitMessages, 0);
    await waitFor(() => permits() === 10, { what: 'ten permits' });
    for (let count = 0; count < 4; count++) send(SINGLE);
    const came = (await reading).length;
    await source.read(6, AbortSignal.timeout(5)).catch(() => {});
    expect(came).to.be.within(1, 4);
    expect(permits()).to.equal(10);
  });

  for (const [type, records, queue, ahead] of [
    ['Failover', 1024, 1000, 600],
    ['Failover', 100, 100, 100],
    ['Exclusive', 1024, 1000, 600],
    ['Key_Shared', 1024, 16, 16],
    ['Shared', 10, 5, 10],
  ] as const) {
    it(`has ${queue} in the broker's proxy and ${ahead} ahead: ${type}, a buffer of ${records}`, async () => {
      await start(true, {}, { type, records });
      expect(queues).to.deep.equal([String(queue)]);
      const permits = () => commands.reduce((sum, { permitMessages = 0 }) => sum + permitMessages, 0);
      for (let got = 0; got < 600; ) {
        const reading = source.read(600 - got, AbortSignal.timeout(5000));
        if (got === 0) {
          await waitFor(() => permits() === 600, { what: 'as many permits as are wanted' });
          for (let count = 0; count < 600; count++) send(SINGLE);
        }
        got += (await reading).length;
      }
      await source.read(10, AbortSignal.timeout(5)).catch(() => {});
      // An answered ping is behind whatever was sent before it.
      await new Promise((resolve) => clients[0]?.once('pong', resolve).ping());
      expect(permits() - 600).to.be.within(ahead * 0.7, ahead);
    });
  }

  it('forgets what came and was not read when the connection ends, because it comes again', async () => {
    await start(true, {});
    const reading = source.read(1, AbortSignal.timeout(5000));
    send(SINGLE);
    send(BATCHED);
    clients[0]?.close();
    expect((await reading).map(({ record }) => record.position)).to.deep.equal(['5:0:0']);
    await waitFor(() => why.at(-1) === 'connected' && clients.length === 2, { what: 'a second connection' });
    send({ messageId: Buffer.from('080510093000', 'hex').toString('base64') });
    expect((await read()).map(({ record }) => record.position)).to.deep.equal(['5:9:0']);
  });

  it('survives a frame that it can not understand', async () => {
    await start(true, {});
    clients[0]?.send('{"messageId":"AA=="}');
    await waitFor(() => clients.length > 1, { what: 'a second connection' });
    expect(why[1]).to.include("a frame isn't understood: message id");
  });
});
