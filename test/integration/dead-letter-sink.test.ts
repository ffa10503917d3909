import { expect } from 'chai';
import { createDeadLetterSink } from '../../dispatcher/sinks/dead-letter/dead-letter-sink.ts';
import { createDeadLetter, createSink } from '../../dispatcher/sinks/index.ts';
import type { DeadLetterSink } from '../../dispatcher/sinks/sink.ts';
import { answer, type FunctionServer, startFunctionServer } from '../support/function-server.ts';
import { aRecord, aTrigger } from '../support/records.ts';

describe('dead letter sink', () => {
  const { signal } = new AbortController();
  let server: FunctionServer;
  let sink: DeadLetterSink;

  beforeEach(async () => {
    server = await startFunctionServer();
    sink = createDeadLetterSink({ trigger: aTrigger('http://orders.shop:8080/'), url: `${server.url}/dead?x=1` });
  });

  afterEach(async () => {
    await sink.close();
    await server.close();
    server.assertCloudEvents();
  });

  it('stores the record unchanged, with the reason', async () => {
    const record = aRecord({ key: 'k', payload: Buffer.from([0xff, 0]), attributes: { a: 'b' } });
    const failure = { reason: 'BadRequest', message: 'The function answered 400 ä\r\n', status: 400, attempts: 3 };

    expect(await sink.store(record, failure, signal)).to.deep.equal({ kind: 'delivered', status: 204 });

    const [request] = server.requests;
    expect(request?.url).to.equal('/dead?x=1');
    expect(request?.body).to.deep.equal(record.payload);
    expect(request?.headers).to.include({
      'event-id': record.id,
      'ce-partitionkey': 'k',
      'pulsar-property-a': 'b',
      'event-dead-letter-reason': 'BadRequest',
      'event-dead-letter-message': 'The%20function%20answered%20400%20%C3%A4%0D%0A',
      'event-dead-letter-attempts': '3',
      'event-dead-letter-status': '400',
      'event-dead-letter-trigger': 'shop/orders',
    });
  });

  it('has no status when there was no answer', async () => {
    await sink.store(aRecord(), { reason: 'MaxAge', message: 'too old', attempts: 9 }, signal);

    expect(server.requests[0]?.headers).not.to.have.property('event-dead-letter-status');
  });

  it('stays below the limits of common servers, in fields and in bytes, whatever the record and the message', async () => {
    const numbered = (name: string, value: string) =>
      Object.fromEntries(Array.from({ length: 110 }, (_, index) => [`${name}${index}`, value]));
    const failure = { reason: 'BadRequest', message: '🔑 é '.repeat(1000), status: 400, attempts: 3 };
    const own = { 'ce-id': 'i'.repeat(1024), 'ce-type': 't'.repeat(1024), 'ce-source': 's'.repeat(1024) };
    for (const attributes of [
      numbered('p', '1'),
      numbered('ce-x', '1'),
      { ...own, ...numbered('p', 'x'.repeat(200)) },
    ]) {
      await sink.store(aRecord({ key: 'k', redeliveries: 1, attributes }), failure, signal);
    }

    expect(server.requests).to.have.length(3);
    for (const { headers } of server.requests) {
      const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      expect(fields.length).to.be.below(96);
      expect(`POST /dead?x=1 HTTP/1.1\r\n${fields.join('')}\r\n`.length).to.be.below(8192);
      expect(headers).to.include({ 'event-truncated': 'true', 'event-dead-letter-reason': 'BadRequest' });
      expect(decodeURIComponent(String(headers['event-dead-letter-message']))).to.match(/^🔑 é 🔑/);
    }
  });

  it('says what is wrong with the dead letter itself', async () => {
    server.respond(() => answer(500));

    const outcome = await sink.store(aRecord(), { reason: 'MaxAge', message: 'too old', attempts: 9 }, signal);

    expect(outcome).to.include({ kind: 'retry', message: 'The dead letter answered 500 Internal Server Error' });
  });
});

describe('sinks', () => {
  it('are made of what the trigger says', async () => {
    const trigger = aTrigger('http://orders.shop:8080/');
    const deadLetter = { url: 'http://dead.shop:8080/' };

    await (await createSink(trigger)).close();
    expect(await createDeadLetter(trigger)).to.equal(undefined);
    const made = await createDeadLetter({ ...trigger, delivery: { ...trigger.delivery, deadLetter } });
    expect(made).not.to.equal(undefined);
    await made?.close();
  });
});
