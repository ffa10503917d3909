/** The native driver against a double of `pulsar-client`'s face: the package itself doesn't load on every machine. */
import { expect } from 'chai';
import type { Trigger } from '../../../../../api/trigger.ts';
import { createLogger } from '../../../../../common/logger.ts';
import { loadNativeClient, type NativeModule } from '../../../../../dispatcher/sources/pulsar/native-client.ts';
import { createNativeSource } from '../../../../../dispatcher/sources/pulsar/native-source.ts';
import type { Source, SourceEvents } from '../../../../../dispatcher/sources/source.ts';
import { FakePulsarClient, type FakePulsarConsumer } from '../../../../support/fake-pulsar-client.ts';
import { waitFor } from '../../../../support/wait-for.ts';

const TRIGGER = {
  source: {
    type: 'pulsar',
    topics: ['orders'],
    broker: 'pulsar://host:6650',
    subscription: { name: 's', type: 'Key_Shared', initialPosition: 'earliest' },
    tls: { allowInsecure: false, verifyHostname: true },
  },
  delivery: { maxInFlight: 200, buffer: { records: 1024, bytes: 64 * 2 ** 20 } },
} as unknown as Trigger;

describe('Pulsar over the native client', () => {
  let fake: FakePulsarClient;
  let source: Source;
  let states: string[];
  let time: number;
  let token: () => string;

  beforeEach(() => {
    [fake, states, time, token] = [new FakePulsarClient(), [], 0, () => 'first'];
    source = create(TRIGGER);
  });
  afterEach(() => source.close());

  function create(trigger: Trigger): Source {
    return createNativeSource({
      trigger,
      credentials: { token: () => token(), tls: () => expect.fail('files are used'), tlsFiles: () => ({ ca: '/ca' }) },
      logger: createLogger('silent'),
      random: () => 1,
      timing: { check: 1, patience: 60_000, closing: 50, firstAnswer: 20 },
      now: () => time,
      load: async () => fake.module,
    });
  }

  const events: SourceEvents = {
    revoked: async () => {},
    lost: () => {},
    state: (connected, why) => states.push(connected ? 'connected' : (why ?? '')),
  };
  const connect = () => source.connect(events, AbortSignal.timeout(5000));
  const read = (max = 10) => source.read(max, AbortSignal.timeout(5000));
  const consumer = (index = 0): FakePulsarConsumer => fake.consumers[index] ?? expect.fail('no such consumer');

  it('subscribes with batch index acks and no way to lose a record', async () => {
    await connect();
    expect(fake.clientConfig).to.include({ serviceUrl: 'pulsar://host:6650', tlsTrustCertsFilePath: '/ca' });
    expect(fake.clientConfig).to.include({ tlsValidateHostname: true, tlsAllowInsecureConnection: false });
    expect(consumer().config).to.deep.equal({
      topic: 'persistent://public/default/orders',
      subscription: 's',
      subscriptionType: 'KeyShared',
      subscriptionInitialPosition: 'Earliest',
      receiverQueueSize: 200,
      batchIndexAckEnabled: true,
      batchReceivePolicy: { maxNumMessages: 64, maxNumBytes: 8 * 2 ** 20, timeoutMs: 5 },
    });
  });

  it('hands over records, and acknowledges by id', async () => {
    await connect();
    const reading = read();
    consumer().send({ id: '0805100218033000', data: 'a', key: 'k', properties: { p: 'v' }, eventTime: 7 });
    const [delivery] = await reading;
    expect(delivery?.record).to.deep.include({ position: '5:2:0', id: '5:2:3:0', key: 'k', time: 7 });
    expect(delivery?.record).to.deep.include({ attributes: { p: 'v' }, payload: Buffer.from('a') });
    expect(delivery?.record.partition).to.equal('persistent://public/default/orders-partition-3');
    delivery?.ack();
    expect(consumer().acked).to.deep.equal(['0805100218033000']);
  });

  it('takes the time of publishing where the event time is none', async () => {
    await connect();
    for (const eventTime of [1.7e15, 2 ** 64, -5, Number.NaN]) {
      const reading = read();
      await waitFor(() => consumer().receiving === 1, { what: 'a call that waits' });
      consumer().send({ id: '08051002', data: 'a', eventTime });
      expect((await reading)[0]?.record.time, String(eventTime)).to.equal(1);
    }
  });

  it('hands over a record whose properties the client can not read, and says so', async () => {
    await connect();
    const reading = read();
    consumer().send({ id: '08051002', data: 'a', fails: new RangeError('Invalid array length') });
    const [delivery] = await reading;
    expect(delivery?.record).to.deep.include({ attributes: {}, incomplete: ['length'], payload: Buffer.from('a') });
    expect(fake.consumers).to.have.length(1);
  });

  it('has one call waiting at a time, and none while nothing is read', async () => {
    await connect();
    expect(consumer().receiving).to.equal(0);
    for (let count = 0; count < 3; count++) {
      await source.read(10, AbortSignal.timeout(1)).catch(() => {});
      expect(consumer().receiving).to.equal(1);
    }
    consumer().send({ id: '08051002', data: 'kept' });
    expect((await read()).map(({ record }) => record.payload.toString())).to.deep.equal(['kept']);
  });

  describe('prefetches', () => {
    const ordered = { ...TRIGGER.source, subscription: { ...TRIGGER.source.subscription, type: 'Failover' } } as const;
    const many = Array.from({ length: 5 }, (_, index) => `orders-${index}`);
    const shared = { ...ordered, subscription: { ...ordered.subscription, type: 'Shared' } } as const;
    const cases: readonly [string, Partial<Trigger>, number, number][] = [
      ['many records where it has them to itself', { source: ordered }, 1, 1000],
      ['so many of all partitions together', { source: ordered }, 4, 250],
      ['so many of all topics together', { source: { ...ordered, topics: many } }, 1, 200],
      ['at least one of each', { source: ordered }, 3000, 1],
      ['as many as may run where others work too', { source: shared }, 1, 200],
      ['fewer for a small buffer', { source: ordered, delivery: delivery({ records: 1024, bytes: 2 ** 20 }) }, 1, 16],
      ['no more than the buffer', { source: ordered, delivery: delivery({ records: 50, bytes: 2 ** 26 }) }, 1, 50],
    ];
    for (const [name, changes, partitions, queue] of cases) {
      it(name, async () => {
        fake.partitions = partitions;
        source = create({ ...TRIGGER, ...changes });
        await connect();
        expect(consumer().config.receiverQueueSize).to.equal(queue);
      });
    }

    function delivery(buffer: Trigger['delivery']['buffer']): Trigger['delivery'] {
      return { ...TRIGGER.delivery, buffer };
    }

    it('fewer, over a new subscription, once records are so large that its queue would be larger than the buffer', async () => {
      source = create({ ...TRIGGER, source: ordered });
      await connect();
      const reading = read(1);
      consumer().send({ id: '08051002', data: 'x'.repeat(2 ** 20) });
      await waitFor(() => fake.consumers.length === 2, { what: 'a new subscription' });
      expect(consumer().closed).to.equal(true);
      expect(consumer(1).config.receiverQueueSize).to.equal(16);
      expect(states.some((state) => state.includes('must prefetch fewer'))).to.equal(true);
      await waitFor(() => consumer(1).receiving === 1, { what: 'a call of the new consumer' });
      for (let count = 0; count < 3; count++) {
        const next = count === 0 ? reading : read(1);
        await waitFor(() => consumer(1).receiving === 1, { what: 'the next call' });
        consumer(1).send({ id: '08051002', data: 'x'.repeat(2 ** 20) });
        expect(await next).to.have.length(1);
      }
      expect(fake.consumers).to.have.length(2);
    });

    it('as many as before when one large record comes among small ones', async () => {
      source = create({ ...TRIGGER, source: ordered });
      await connect();
      for (const size of [1024, 5 * 2 ** 20, 1024]) {
        const reading = read(1);
        consumer().send({ id: '08051002', data: 'x'.repeat(size) });
        expect(await reading).to.have.length(1);
      }
      expect(fake.consumers).to.have.length(1);
    });
  });

  it('supplies the newest token, or the last good one, and never throws', async () => {
    await connect();
    expect(fake.token?.()).to.equal('first');
    token = () => 'second';
    expect(fake.token?.()).to.equal('second');
    token = () => expect.fail('the file is gone');
    expect(fake.token?.()).to.equal('second');
  });

  it('says within the first seconds that nobody answers, although the client tells nothing for long', async () => {
    const attempt = Promise.withResolvers<void>();
    fake.pending.set('persistent://public/default/orders', attempt.promise);
    const connecting = connect();
    await waitFor(() => states.length > 0, { what: 'a word' });
    expect(states).to.deep.equal([
      "host:6650 hasn't answered for 0.02 s, and is waited for: check that the broker runs, that the port is the " +
        "broker's own port (6650, 6651), and that nothing on the way drops connections",
    ]);
    attempt.resolve();
    await connecting;
    expect(states.at(-1)).to.equal('connected');
  });

  it('says it of the topic that waits while others are connected', async () => {
    const attempt = Promise.withResolvers<void>();
    source = create({ ...TRIGGER, source: { ...TRIGGER.source, topics: ['orders', 'slow'] } });
    fake.pending.set('persistent://public/default/slow', attempt.promise);
    const connecting = connect();
    await waitFor(() => states.at(-1)?.includes("hasn't answered"), { what: 'a word' });
    attempt.resolve();
    await connecting;
    expect(states.at(-1)).to.equal('connected');
  });

  it('retries a subscription that fails, and says why', async () => {
    fake.refusals.push('Failed to create consumer: AuthenticationError', 'Failed to create consumer: ConsumerBusy');
    await connect();
    expect(states[0]).to.include("doesn't accept the token");
    expect(states[1]).to.include('admits no further consumer');
    expect(states[2]).to.equal('connected');
  });

  it('subscribes anew after a minute without connection, and drops acks of before', async () => {
    await connect();
    const reading = read();
    consumer().send({ id: '08051002', data: 'x' });
    const [delivery] = await reading;
    consumer().connected = false;
    await waitFor(() => states.at(-1)?.includes('is lost'), { what: 'the loss to be seen' });
    time = 59_999;
    consumer().connected = true;
    await waitFor(() => states.at(-1) === 'connected', { what: 'the return to be seen' });
    consumer().connected = false;
    await waitFor(() => states.at(-1)?.includes('is lost'), { what: 'the loss to be seen' });
    time += 60_000;
    await waitFor(() => fake.consumers.length === 2 && states.at(-1) === 'connected', { what: 'a new consumer' });
    expect(consumer().closed).to.equal(true);
    delivery?.ack();
    expect(consumer(0).acked).to.deep.equal([]);
    const again = read();
    await waitFor(() => consumer(1).receiving === 1, { what: 'a call of the new consumer' });
    consumer(1).send({ id: '08051002', data: 'x' });
    (await again)[0]?.ack();
    expect(consumer(1).acked).to.deep.equal(['08051002']);
  });

  it('waits for its acks before it closes, but not for ever', async () => {
    await connect();
    const reading = read();
    consumer().send({ id: '08051002', data: 'x' });
    consumer().holdAcks = true;
    (await reading)[0]?.ack();
    const closing = source.close();
    expect(consumer().closed).to.equal(false);
    await closing;
    expect(fake.isClosed).to.equal(true);
  });
});

describe('loading pulsar-client', () => {
  const failure = (load?: () => Promise<unknown>) => loadNativeClient(load).then(() => 'loaded', String);

  it('says that the package is absent, and the way without it', async function () {
    const said = await failure();
    if (said === 'loaded') this.skip();
    expect(said).to.match(/"pulsar-client".*(isn't installed|doesn't load).*ws:\/\//s);
  });

  it('tells an absent package from one whose library does not load', async () => {
    const broken = Object.assign(new Error("Cannot find module '../build/pulsar.node'\nmore"), {
      code: 'MODULE_NOT_FOUND',
    });
    expect(await failure(() => Promise.reject(broken))).to.match(/is installed but .*pulsar.node'\).*npm rebuild/);
    const absent = Object.assign(new Error("Cannot find package 'pulsar-client' imported from x"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    expect(await failure(() => Promise.reject(absent))).to.match(/isn't installed.*npm install pulsar-client/);
    expect(await failure(async () => ({}))).to.include('has no Client');
    expect(
      await failure(async () => ({ default: { Client: class {} } satisfies Partial<NativeModule> | object })),
    ).to.equal('loaded');
  });
});
