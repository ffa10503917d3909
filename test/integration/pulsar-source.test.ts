/** The Pulsar source over WebSocket, on a real Pulsar: what it hands over, and what the broker counts as done. */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import type { Delivery } from '../../dispatcher/sources/source.ts';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { usePulsar } from '../servers/pulsar/shared.ts';
import { type Consumer, createConsumer, numbers, texts } from '../support/pulsar-consumer.ts';
import { type Published, publish } from '../support/pulsar-producer.ts';
import { waitFor } from '../support/wait-for.ts';

describe('Pulsar source over WebSocket', () => {
  const pulsar = usePulsar();
  const open: Consumer[] = [];

  async function connect(topic: string, source: Partial<Parameters<typeof createConsumer>[0]['source']> = {}) {
    const consumer = createConsumer({ source: { topics: [topic], broker: pulsar().wsUrl, ...source } });
    open.push(consumer);
    await consumer.connect();
    return consumer;
  }

  const backlog = async (topic: string) => (await pulsarAdmin(pulsar()).stats(topic)).subscriptions.test?.msgBacklog;
  const waitForBacklog = (topic: string, records: number) =>
    waitFor(async () => (await backlog(topic)) === records, { what: `a backlog of ${records}` });

  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ source }) => source.close()));
  });

  it('hands over payload, key, properties and times as they were published', async () => {
    const topic = randomUUID();
    const eventTime = '2026-05-07T01:32:02.123Z';
    const records: Published[] = [
      { payload: 'text', key: 'clé 😀\r\n', properties: { 'ü😀': 'a\r\nb', empty: '' }, eventTime },
      { payload: '' },
      { payload: Buffer.from([0, 0xff, 0xfe, 0x80]), key: '' },
    ];
    const before = Date.now();
    await publish(pulsar(), topic, records);
    const consumer = await connect(topic);
    const [first, second, third] = (await consumer.read(3)).map(({ record }) => record);
    expect(first).to.include({ key: 'clé 😀\r\n', time: Date.parse(eventTime) });
    expect(first?.partition).to.equal(`persistent://public/default/${topic}`);
    expect(first?.attributes).to.deep.equal({ 'ü😀': 'a\r\nb', empty: '' });
    expect(first?.payload.toString()).to.equal('text');
    expect(second?.payload).to.have.length(0);
    expect(second).not.to.have.property('key');
    expect(second?.time).to.be.within(before - 1000, Date.now() + 1000);
    expect(third?.payload).to.deep.equal(Buffer.from([0, 0xff, 0xfe, 0x80]));
    expect(third?.key).to.equal('');
    expect(first).not.to.have.property('batch');
    expect(consumer.states).to.deep.equal([{ connected: true }]);
  });

  it('takes the time of publishing for an event time in microseconds, and loses no property in silence', async () => {
    const topic = randomUUID();
    const properties: Record<string, string> = JSON.parse('{"__proto__":"p","length":"12","nul":"a\\u0000b"}');
    const before = Date.now();
    await publish(pulsar(), topic, [{ payload: 'x', properties, eventTime: '+55840-12-27T08:53:20.000Z' }]);
    const consumer = await connect(topic);
    const [record] = (await consumer.read(1)).map((delivery) => delivery.record);
    expect(record?.time).to.be.within(before - 60_000, Date.now() + 60_000);
    expect(Object.entries(record?.attributes ?? {})).to.have.deep.members([
      ['__proto__', 'p'],
      ['length', '12'],
      ['nul', 'a'],
    ]);
    expect(record?.incomplete).to.deep.equal(['nul']);
  });

  it('hands over 5,000,000 bytes unchanged', async () => {
    const topic = randomUUID();
    const payload = randomBytes(5_000_000);
    await publish(pulsar(), topic, [{ payload }]);
    const [delivery] = await (await connect(topic)).read(1);
    expect(delivery?.record.payload.equals(payload)).to.equal(true);
  });

  it('lets records wait at the broker that are much larger than the permits were meant for', async () => {
    const topic = randomUUID();
    const payload = randomBytes(1_000_000);
    await publish(
      pulsar(),
      topic,
      Array.from({ length: 40 }, () => ({ payload })),
    );
    const consumer = await connect(topic);
    const deliveries = await consumer.read(40);
    expect(deliveries.every(({ record }) => record.payload.equals(payload))).to.equal(true);
    for (const delivery of deliveries) delivery.ack();
    await consumer.source.close();
    await waitForBacklog(topic, 0);
  });

  it('names the records of producer batches and acknowledges them one by one', async () => {
    const topic = randomUUID();
    const payloads = numbers(200);
    await publish(
      pulsar(),
      topic,
      payloads.map((payload) => ({ payload, key: 'k' })),
      { records: 100 },
    );
    const consumer = await connect(topic);
    const deliveries = await consumer.read(200);
    expect(texts(deliveries)).to.deep.equal(payloads);
    const records = deliveries.map(({ record }) => record);
    expect(new Set(records.map(({ batch }) => batch?.size))).to.deep.equal(new Set([100]));
    expect(new Set(records.map(({ batch }) => batch?.id)).size).to.equal(2);
    expect(new Set(records.map(({ id }) => id)).size).to.equal(200);
    expect(records.map(({ position }) => position.split(':')[2])).to.deep.equal([...numbers(100), ...numbers(100)]);
    for (const delivery of deliveries.slice(0, 100)) delivery.ack();
    await waitForBacklog(topic, 1);
    for (const delivery of deliveries.slice(100)) delivery.ack();
    await waitForBacklog(topic, 0);
  });

  it('delivers all partitions under their own names, and acknowledges them', async () => {
    const topic = randomUUID();
    await pulsarAdmin(pulsar()).createPartitionedTopic(topic, 3);
    const consumer = await connect(topic);
    const records = numbers(60).map((payload) => ({ payload, key: `k${Number(payload) % 20}` }));
    await publish(pulsar(), topic, records);
    const deliveries = await consumer.read(60);
    const partitions = new Set(deliveries.map(({ record }) => record.partition));
    const full = `persistent://public/default/${topic}-partition-`;
    expect([...partitions].sort()).to.deep.equal([0, 1, 2].map((index) => `${full}${index}`));
    for (const delivery of deliveries) delivery.ack();
    await consumer.source.close();
    // The broker's proxy passes the last acknowledgements on just after its goodbye, and before the consumer's end.
    const lags = await waitFor(
      async () => {
        const now = await consumer.source.lag(AbortSignal.timeout(5000));
        return now.every(({ records }) => records === 0) && now;
      },
      { what: 'no lag' },
    );
    expect(new Set(lags.map(({ partition }) => partition))).to.deep.equal(partitions);
  });

  it('reads several topics, one of them by a short name and one with special characters', async () => {
    const topics = [randomUUID(), `persistent://public/default/${randomUUID()} ü?&#%+`];
    const subscription = { name: 'a/b ü?&#%+', type: 'Failover', initialPosition: 'earliest' } as const;
    const consumer = await connect('', { topics, subscription });
    for (const topic of topics) await publish(pulsar(), topic, [{ payload: topic }]);
    expect(texts(await consumer.read(2)).sort()).to.deep.equal([...topics].sort());
    const lags = await consumer.source.lag(AbortSignal.timeout(5000));
    expect(lags.map(({ records }) => records)).to.deep.equal([1, 1]);
  });

  it('gives every record of a non-persistent topic a position of its own', async () => {
    const topic = `non-persistent://public/default/${randomUUID()}`;
    const consumer = await connect(topic);
    const reading = consumer.read(3);
    await publish(
      pulsar(),
      topic,
      numbers(3).map((payload) => ({ payload })),
    );
    const positions = (await reading).map(({ record }) => record.position);
    expect(new Set(positions).size).to.equal(3);
  });

  it('leaves to other consumers of a Shared subscription what it did not ask for', async () => {
    const topic = randomUUID();
    const subscription = { name: 'test', type: 'Shared', initialPosition: 'earliest' } as const;
    const [idle, busy] = [await connect(topic, { subscription }), await connect(topic, { subscription })];
    await publish(
      pulsar(),
      topic,
      numbers(200).map((payload) => ({ payload })),
    );
    const kept = await idle.read(5);
    // The broker's proxy holds up to maxInFlight (32) records for a consumer that doesn't read.
    const rest = await busy.read(200 - 5 - 32);
    expect(new Set(texts([...kept, ...rest]))).to.have.length(200 - 32);
  });

  it('says how often the broker of a Shared subscription has handed a record over before', async () => {
    const topic = randomUUID();
    const subscription = { name: 'test', type: 'Shared', initialPosition: 'earliest' } as const;
    await publish(pulsar(), topic, [{ payload: 'again' }]);
    const url = `${pulsar().wsUrl}/ws/v2/consumer/persistent/public/default/${topic}/test`;
    const other = new WebSocket(
      `${url}?subscriptionType=Shared&subscriptionInitialPosition=Earliest&negativeAckRedeliveryDelay=1`,
    );
    await new Promise<void>((resolve) => {
      other.on('message', (frame) => {
        const { messageId, redeliveryCount } = JSON.parse(frame.toString());
        if (redeliveryCount > 0) resolve();
        else other.send(JSON.stringify({ type: 'negativeAcknowledge', messageId }));
      });
    });
    const consumer = await connect(topic, { subscription });
    other.close();
    await once(other, 'close');
    expect((await consumer.read(1))[0]?.record.redeliveries).to.be.at.least(1);
  });

  it('keeps its records over an aborted read', async () => {
    const topic = randomUUID();
    const consumer = await connect(topic);
    expect(await consumer.isSilent(50)).to.equal(true);
    await publish(pulsar(), topic, [{ payload: 'late' }]);
    expect(texts(await consumer.read(1))).to.deep.equal(['late']);
  });

  it('delivers again, in order, what is in hand when the topic is unloaded', async () => {
    const topic = randomUUID();
    await publish(
      pulsar(),
      topic,
      numbers(10).map((payload) => ({ payload })),
    );
    const consumer = await connect(topic);
    const first = await consumer.read(10);
    for (const delivery of first.slice(0, 4)) delivery.ack();
    await waitForBacklog(topic, 6);
    await pulsarAdmin(pulsar()).unloadTopic(topic);
    const again = await consumer.read(6);
    expect(texts(again)).to.deep.equal(numbers(10).slice(4));
    expect(again.map(idOf)).to.deep.equal(first.slice(4).map(idOf));
    for (const delivery of again) delivery.ack();
    await waitForBacklog(topic, 0);
  });

  it('shows a cursor reset as lower positions', async () => {
    const topic = randomUUID();
    await publish(
      pulsar(),
      topic,
      numbers(5).map((payload) => ({ payload })),
    );
    const consumer = await connect(topic);
    const deliveries = await consumer.read(5);
    for (const delivery of deliveries) delivery.ack();
    await waitForBacklog(topic, 0);
    const [ledgerId = 0, entryId = 0] = (deliveries[1]?.record.position ?? '').split(':').map(Number);
    await pulsarAdmin(pulsar()).resetCursor(topic, 'test', { ledgerId, entryId });
    const again = await consumer.read(4);
    expect(texts(again)).to.deep.equal(['1', '2', '3', '4']);
    const compare = consumer.source.comparePositions;
    expect(compare?.(again[0]?.record.position ?? '', deliveries[4]?.record.position ?? '')).to.be.below(0);
  });

  it('loses no acknowledgement over a graceful close', async () => {
    const topic = randomUUID();
    await publish(
      pulsar(),
      topic,
      numbers(2000).map((payload) => ({ payload })),
    );
    const consumer = await connect(topic);
    for (const delivery of await consumer.read(2000)) delivery.ack();
    await consumer.source.close();
    await consumer.source.close();
    await waitForBacklog(topic, 0);
  });

  it('gives back what it did not acknowledge', async () => {
    const topic = randomUUID();
    await publish(
      pulsar(),
      topic,
      numbers(5).map((payload) => ({ payload })),
    );
    const consumer = await connect(topic);
    (await consumer.read(5))[2]?.ack();
    await consumer.source.close();
    expect(texts(await (await connect(topic)).read(4))).to.deep.equal(['0', '1', '3', '4']);
  });

  it('reads and acknowledges records of 1 KiB quickly', async function () {
    const topic = randomUUID();
    const payload = randomBytes(1024);
    await publish(
      pulsar(),
      topic,
      Array.from({ length: 10_000 }, () => ({ payload })),
    );
    const consumer = await connect(topic);
    const start = performance.now();
    for (let count = 0; count < 10_000; ) {
      const deliveries: readonly Delivery[] = await consumer.source.read(1024, AbortSignal.timeout(20_000));
      for (const delivery of deliveries) delivery.ack();
      count += deliveries.length;
    }
    const rate = Math.round(10_000 / ((performance.now() - start) / 1000));
    if (this.test) this.test.title += ` (${rate}/s)`;
    await consumer.source.close();
    await waitForBacklog(topic, 0);
    expect(rate).to.be.above(1000);
  });
});

function idOf({ record }: Delivery): string {
  return record.id;
}
