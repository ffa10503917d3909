/** The Pulsar source over the native client, on a real Pulsar, where the optional package loads. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { loadNativeClient } from '../../dispatcher/sources/pulsar/native-client.ts';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { usePulsar } from '../servers/pulsar/shared.ts';
import { createConsumer, numbers, texts } from '../support/pulsar-consumer.ts';
import { publish } from '../support/pulsar-producer.ts';
import { waitFor } from '../support/wait-for.ts';

const reason: string | undefined = await loadNativeClient().then(() => undefined, String);

describe(`Pulsar source over the native client${reason === undefined ? '' : ` — NOT LOADABLE HERE: ${reason}`}`, () => {
  if (reason !== undefined) {
    it('rejects the connection with the reason', async () => {
      const { connect, source } = createConsumer({ source: { topics: ['t'], broker: 'pulsar://127.0.0.1:1' } });
      expect(await connect().then(() => 'connected', String)).to.equal(reason);
      await source.close();
    });
    it('delivers and acknowledges records and batches');
    return;
  }

  const pulsar = usePulsar();

  it('delivers and acknowledges records and batches', async () => {
    const topic = randomUUID();
    await publish(
      pulsar(),
      topic,
      numbers(100).map((payload) => ({ payload, key: 'k' })),
    );
    await publish(
      pulsar(),
      topic,
      numbers(100).map((payload) => ({ payload, key: 'k' })),
      { records: 100 },
    );
    const { serviceUrl: broker, adminUrl: webServiceUrl } = pulsar();
    const consumer = createConsumer({ source: { topics: [topic], broker, webServiceUrl } });
    await consumer.connect();
    const deliveries = await consumer.read(200);
    expect(texts(deliveries)).to.deep.equal([...numbers(100), ...numbers(100)]);
    expect(deliveries.at(-1)?.record.batch?.size).to.equal(100);
    for (const delivery of deliveries) delivery.ack();
    await consumer.source.close();
    const backlog = async () => (await pulsarAdmin(pulsar()).stats(topic)).subscriptions.test?.msgBacklog;
    await waitFor(async () => (await backlog()) === 0, { what: 'an empty backlog' });
  });
});
