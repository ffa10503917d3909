/** The Pulsar that the other tests rely on: restarts, tokens, large records, and that it never outlives its test. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import WebSocket from 'ws';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { type PulsarServer, startPulsar } from '../servers/pulsar/index.ts';
import { sharedPulsar } from '../servers/pulsar/shared.ts';
import { freePort } from '../support/free-port.ts';
import { waitFor } from '../support/wait-for.ts';

describe('Pulsar server', function () {
  this.timeout(120_000);
  let server: PulsarServer;

  before(async function () {
    this.timeout(600_000);
    server = await startPulsar({ tokenAuth: true });
  });
  after(() => server.stop());

  it('asks for a token and knows roles', async () => {
    const admin = pulsarAdmin(server);
    await admin.createTenant('guarded');
    await admin.createNamespace('guarded/ns');
    await admin.grant('guarded/ns', 'reader', ['consume']);
    const status = async (token?: string) => {
      const headers = token ? { authorization: `Bearer ${token}` } : {};
      return (await fetch(`${server.adminUrl}/admin/v2/tenants`, { headers })).status;
    };

    expect(await status()).to.equal(401);
    expect(await status(server.token('admin', -60))).to.equal(401);
    expect(await status(server.token('admin', 60))).to.equal(200);
    await expectRejection(
      pulsarAdmin({ ...server, adminToken: server.token('reader') }).createNamespace('guarded/x'),
      /: 40[13] /,
    );
  });

  it('is the one that PULSAR_URL names', async () => {
    const { wsUrl, adminUrl, serviceUrl, adminToken } = server;
    const { PULSAR_URL, PULSAR_TOKEN } = process.env;
    try {
      Object.assign(process.env, { PULSAR_URL: `${wsUrl}/`, PULSAR_TOKEN: adminToken });
      expect(await sharedPulsar()).to.deep.equal({ wsUrl, adminUrl, serviceUrl, adminToken });

      process.env.PULSAR_URL = `http://127.0.0.1:${await freePort()}`;
      await expectRejection(sharedPulsar(), /^using PULSAR_URL=http:.*: nothing answers there/);
    } finally {
      restore('PULSAR_URL', PULSAR_URL);
      restore('PULSAR_TOKEN', PULSAR_TOKEN);
    }
  });

  it('keeps ports, records and cursors over restarts and unloads', async () => {
    const admin = pulsarAdmin(server);
    const topic = 'public/default/kept';
    await admin.createTopic(topic);
    await admin.createSubscription(topic, 'reader', 'earliest');
    const payload = Buffer.alloc(5_000_000, 'x').toString('base64');
    const published = await publish(server, topic, payload);
    const { pid } = server;

    await server.restart('SIGKILL');
    expect(server.pid).not.to.equal(pid);
    expect(await receive(server, topic, 'reader')).to.deep.equal({ messageId: published, payload });
    await waitFor(async () => (await admin.stats(topic)).subscriptions.reader?.msgBacklog === 0, { what: 'the ack' });

    await admin.resetCursor(topic, 'reader', new Date(0));
    await admin.unloadTopic(topic);
    expect((await admin.stats(topic)).subscriptions.reader?.msgBacklog).to.equal(1);
    await receive(server, topic, 'reader');
  });

  it('ends and removes its data when the test process is killed', async () => {
    const owner = fork(fileURLToPath(new URL('pulsar-server-owner.ts', import.meta.url)), { execArgv: [] });
    const [{ pid, logFile }] = (await once(owner, 'message')) as [{ pid: number; logFile: string }];
    expect(isAlive(pid)).to.equal(true);

    owner.kill('SIGKILL');
    await waitFor(() => !isAlive(pid), { what: 'Pulsar to end' });
    await waitFor(() => !existsSync(dirname(logFile)), { what: 'the data to be removed' });
  });
});

async function publish(server: PulsarServer, topic: string, payload: string): Promise<string> {
  const producer = open(server, `producer/persistent/${topic}`);
  await once(producer, 'open');
  producer.send(JSON.stringify({ payload }));
  const { result, messageId } = await nextFrame(producer);
  producer.close();
  await once(producer, 'close');
  expect(result).to.equal('ok');
  return String(messageId);
}

async function receive(server: PulsarServer, topic: string, subscription: string): Promise<object> {
  const consumer = open(server, `consumer/persistent/${topic}/${subscription}`);
  const { messageId, payload } = await nextFrame(consumer);
  consumer.send(JSON.stringify({ messageId }));
  consumer.close();
  await once(consumer, 'close');
  return { messageId, payload };
}

function open(server: PulsarServer, path: string): WebSocket {
  const headers = { authorization: `Bearer ${server.adminToken}` };
  return new WebSocket(`${server.wsUrl}/ws/v2/${path}`, { headers });
}

async function nextFrame(socket: WebSocket): Promise<Record<string, unknown>> {
  const [frame] = await once(socket, 'message');
  return JSON.parse(String(frame));
}

async function expectRejection(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).to.be.instanceOf(Error).and.have.property('message').that.matches(message);
}

function restore(variable: string, value: string | undefined): void {
  if (value === undefined) delete process.env[variable];
  else process.env[variable] = value;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
