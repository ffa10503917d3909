/** The Pulsar source over WebSocket, on a real Pulsar that refuses, breaks off or comes back. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PulsarSourceSpec } from '../../api/trigger.ts';
import { Secret } from '../../common/secret.ts';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { type PulsarServer, startPulsar } from '../servers/pulsar/index.ts';
import { freePorts } from '../support/free-port.ts';
import { type Consumer, createConsumer, numbers, texts } from '../support/pulsar-consumer.ts';
import { publish } from '../support/pulsar-producer.ts';
import { PULSAR_REFUSALS, type PulsarRefusal } from '../support/pulsar-refusals.ts';
import { waitFor } from '../support/wait-for.ts';

describe('Pulsar source over WebSocket when things go wrong', function () {
  this.timeout(120_000);
  let pulsar: PulsarServer;
  let secrets: string;
  const open: Consumer[] = [];
  const servers: Server[] = [];

  before(async function () {
    this.timeout(600_000);
    pulsar = await startPulsar({ tokenAuth: true });
    await pulsarAdmin(pulsar).grant('public/default', 'reader', ['consume', 'produce']);
  });
  after(() => pulsar.stop());
  beforeEach(() => {
    secrets = mkdtempSync(join(tmpdir(), 'secrets-'));
    mkdirSync(join(secrets, 'pulsar'));
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ source }) => source.close()));
    for (const server of servers.splice(0)) server.close();
    rmSync(secrets, { recursive: true });
  });

  const writeToken = (token: string) => writeFileSync(join(secrets, 'pulsar', 'token'), `${token}\n`);
  const authTokenSecret = { name: 'pulsar', key: 'token' };

  function consumer(topic: string, source: Partial<PulsarSourceSpec> = {}): Consumer {
    const created = createConsumer({ source: { topics: [topic], broker: pulsar.wsUrl, ...source }, secrets });
    open.push(created);
    return created;
  }

  /** Starts to connect, waits for the first reason why not, and goes on trying. */
  async function reasonOf(created: Consumer): Promise<string> {
    created.connect().catch(() => {});
    const why = () => created.states.findLast(({ connected }) => !connected)?.why;
    return await waitFor(why, { timeout: 60_000, what: 'a reason' });
  }

  const authorized = (topic: string) => consumer(topic, { authToken: new Secret(pulsar.token('reader')) });
  const isConnected = ({ states }: Consumer) => states.at(-1)?.connected === true;

  it('says that the token is missing, wrong, expired, or not enough', async () => {
    const topic = randomUUID();
    const wrong = new Secret(`${pulsar.token('reader')}x`);
    const expired = new Secret(pulsar.token('reader', -3600));
    const stranger = new Secret(pulsar.token('stranger'));
    expect(await reasonOf(consumer(topic))).to.include('asks for a token and the trigger has none');
    const refused = consumer(topic, { authToken: wrong });
    expect(await reasonOf(refused)).to.include("doesn't accept the token");
    expect(await reasonOf(consumer(topic, { authToken: expired }))).to.match(/the token expired at \d{4}-.*Secret/);
    expect(await reasonOf(consumer(topic, { authToken: stranger }))).to.match(/role may not consume .* grant it/);
    expect(refused.log()).to.include("doesn't accept the token").and.not.to.include(wrong.reveal());
    expect(JSON.stringify(refused.states)).not.to.include(wrong.reveal());
  });

  it('recovers alone once the file of the token is there and good', async () => {
    const topic = randomUUID();
    const created = consumer(topic, { authTokenSecret });
    expect(await reasonOf(created)).to.match(/reading key "token" of Secret "pulsar" .* ENOENT; create the Secret/);
    writeToken(pulsar.token('reader', -1));
    await waitFor(() => created.states.at(-1)?.why?.includes('expired'), { what: 'the expired token to be seen' });
    writeToken(pulsar.token('reader'));
    await waitFor(() => isConnected(created), { timeout: 40_000, what: 'the good token to be seen' });
    await publish(pulsar, topic, [{ payload: 'x' }]);
    const [delivery] = await created.read(1);
    delivery?.ack();
    expect(await created.source.lag(AbortSignal.timeout(5000))).to.have.length(1);
  });

  it('says that the tenant or namespace is unknown, and recovers when it is made', async () => {
    const tenant = `t${randomUUID()}`;
    const authToken = new Secret(pulsar.token('admin'));
    const created = consumer(`persistent://${tenant}/ns/topic`, { authToken });
    expect(await reasonOf(created)).to.match(/tenant or namespace of persistent:.*doesn't exist: create it/);
    await pulsarAdmin(pulsar).createTenant(tenant);
    await pulsarAdmin(pulsar).createNamespace(`${tenant}/ns`);
    await waitFor(() => isConnected(created), { timeout: 40_000, what: 'the topic to be there' });
  });

  it('says that an Exclusive subscription is taken, and takes over when it is free', async () => {
    const topic = randomUUID();
    const subscription = { name: 'test', type: 'Exclusive', initialPosition: 'latest' } as const;
    const authToken = new Secret(pulsar.token('reader'));
    const first = consumer(topic, { subscription, authToken });
    await first.connect();
    const second = consumer(topic, { subscription, authToken });
    expect(await reasonOf(second)).to.match(/admits no further consumer .* stop the other consumer/);
    await first.source.close();
    await waitFor(() => isConnected(second), { timeout: 40_000, what: 'the second consumer to connect' });
  });

  it('says what is wrong with an address', async () => {
    const [port] = await freePorts(1);
    const topic = randomUUID();
    const tls = { allowInsecure: false, verifyHostname: true };
    const reason = (broker: string) => reasonOf(consumer(topic, { broker, tls }));
    expect(await reason(`ws://127.0.0.1:${port}`)).to.include('nothing listens at 127.0.0.1');
    expect(await reason('ws://no-such-host.invalid:8080')).to.include("isn't found in DNS");
    expect(await reason(pulsar.serviceUrl.replace('pulsar:', 'ws:'))).to.include("doesn't speak the WebSocket API");
    expect(await reason(pulsar.wsUrl.replace('ws:', 'wss:'))).to.include('speaks no TLS at this port: write ws://');
    expect(await reason(`${pulsar.wsUrl}/proxy`)).to.include('has no WebSocket API at this address');
    expect(() => consumer(topic, { broker: 'nonsense' })).to.throw('the broker is no URL of Pulsar');
    expect(() => consumer('a/b')).to.throw('topic "a/b" isn\'t a topic name');
  });

  it('says what else than Pulsar answers at an address', async () => {
    const answers: readonly [number, Record<string, string>, string, RegExp][] = [
      [
        308,
        { location: 'https://u:pw@other:8443/a/ws/v2/consumer/persistent/x?token=t' },
        '',
        /to https:\/\/\[secret\]@other:8443\/a \(308\).*wss:/,
      ],
      [302, {}, '', /redirects \(302\), which isn't followed/],
      [407, { 'proxy-authenticate': 'Basic' }, '', /is a proxy that asks for a password/],
      [200, {}, '<title>Welcome</title>', /answers with a page \("Welcome"\) and no WebSocket/],
      [404, {}, '<h1>not found</h1>', /has no WebSocket API at this address/],
      [426, {}, 'Upgrade Required', /let the proxy in between pass on the headers Upgrade and Connection/],
      [502, {}, 'Bad Gateway', /got no answer from Pulsar for \S+ \(502, Bad Gateway\)/],
    ];
    for (const [status, headers, body, pattern] of answers) {
      const server = createServer((_, response) => response.writeHead(status, headers).end(body));
      servers.push(server);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      expect(await reasonOf(consumer(randomUUID(), { broker: `ws://127.0.0.1:${port}` }))).to.match(pattern);
    }
  });

  it('says that the token is there with the prefix that other settings want', async () => {
    const authToken = new Secret(`token:${pulsar.token('reader')}`);
    const created = consumer(randomUUID(), { authToken });
    expect(await reasonOf(created)).to.equal(
      'auth-token begins with "token:": put the token alone into it, without that prefix',
    );
    expect(created.states.at(-1)?.reason).to.equal('CredentialsUnreadable');
  });

  it('takes auth-token with spaces and a line break around it', async () => {
    const created = consumer(randomUUID(), { authToken: new Secret(`  ${pulsar.token('reader')}\n`) });
    await created.connect();
    expect(isConnected(created)).to.equal(true);
  });

  describe('names what Pulsar refuses for good:', () => {
    before(() => pulsarAdmin(pulsar).createTenant('refused'));

    for (const { name, policies = {}, partitions = 0, other, role = 'reader', ...refusal } of PULSAR_REFUSALS) {
      it(name, async () => {
        const admin = pulsarAdmin(pulsar);
        const namespace = `refused/${randomUUID()}`;
        await admin.createNamespace(namespace);
        await admin.grant(namespace, 'reader', ['consume']);
        if (partitions > 0) await admin.createPartitionedTopic(`${namespace}/topic`, partitions);
        else if (policies.autoSubscriptionCreation) await admin.createTopic(`${namespace}/topic`);
        for (const [policy, value] of Object.entries(policies))
          await admin.setNamespacePolicy(namespace, policy, value);
        const consume = (topic: string, subscription: PulsarRefusal['subscription'], by: string) =>
          consumer(topic.includes('://') ? topic : `${namespace}/${topic}`, {
            authToken: new Secret(pulsar.token(by)),
            subscription: { name: 'test', type: 'Failover', initialPosition: 'latest', ...subscription },
          });
        if (other) await consume(other.topic ?? 'topic', other.subscription, 'reader').connect();
        const created = consume(refusal.topic ?? 'topic', refusal.subscription, role);
        const why = await reasonOf(created);
        expect(why).to.match(refusal.why);
        expect(created.states.at(-1)?.reason).to.equal(refusal.reason);
      });
    }
  });

  it('refuses to guess the lag where it may not know it', async () => {
    const topic = randomUUID();
    const signal = AbortSignal.timeout(10_000);
    const lagOf = async (created: Consumer) => created.source.lag(signal).then(() => 'known', String);
    expect(await lagOf(consumer(topic)))
      .to.include("the lag isn't known")
      .and.to.include('401');
    expect(await lagOf(authorized(topic))).to.include('answered 404');
    const native = consumer(topic, { broker: pulsar.serviceUrl });
    expect(await lagOf(native)).to.include('set webServiceUrl');
  });

  it('delivers again what was in hand when the broker was killed', async () => {
    const topic = randomUUID();
    await publish(
      pulsar,
      topic,
      numbers(50).map((payload) => ({ payload })),
    );
    const created = authorized(topic);
    await created.connect();
    const inHand = await created.read(50);
    for (const delivery of inHand.slice(0, 10)) delivery.ack();
    const stats = async () => (await pulsarAdmin(pulsar).stats(topic)).subscriptions.test;
    await waitFor(async () => (await stats())?.msgBacklog === 40, { what: 'ten acknowledgements' });
    await pulsar.kill();
    await waitFor(() => !isConnected(created), { what: 'the loss to be seen' });
    for (const delivery of inHand) delivery.ack();
    await pulsar.start();
    // A broker that is killed may forget the latest acknowledgements: between 40 and 50 records come again.
    const again = await created.read(40);
    while (texts(again).at(-1) !== '49') again.push(...(await created.read(1)));
    expect(texts(again)).to.include.members(numbers(50).slice(10));
    expect(isConnected(created)).to.equal(true);
    for (const delivery of again) delivery.ack();
    await created.source.close();
    await waitFor(async () => (await stats())?.msgBacklog === 0, { what: 'an empty backlog' });
  });

  it('closes while it connects', async () => {
    const abort = new AbortController();
    const created = consumer(randomUUID(), { broker: 'ws://127.0.0.1:1' });
    const connecting = created.connect(abort.signal);
    abort.abort(new Error('stopped'));
    expect(await connecting.then(() => 'connected', String)).to.equal('Error: stopped');
    await created.source.close();
  });
});
