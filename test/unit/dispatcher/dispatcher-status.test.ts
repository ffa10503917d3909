import { expect } from 'chai';
import { Check, Errors } from 'typebox/value';
import { DISCONNECT_REASONS, type DispatcherStatus, dispatcherStatus, newsOf } from '../../../api/dispatcher-status.ts';
import { parseTrigger } from '../../../api/trigger.ts';
import { createLogger } from '../../../common/logger.ts';
import { createDispatcher, type Dispatcher } from '../../../dispatcher/dispatcher.ts';
import { briefLag } from '../../../dispatcher/lag-watch.ts';
import { createSecretFiles } from '../../../dispatcher/sources/secrets.ts';
import { aDispatcherStatus } from '../../support/dispatcher-status.ts';
import { freePorts } from '../../support/free-port.ts';
import { waitFor } from '../../support/wait-for.ts';
import { FakePipeline, RETRY } from './fake-pipeline.ts';

/** As it is read elsewhere. */
const sent = (status: object): Readonly<Record<string, unknown>> => JSON.parse(JSON.stringify(status));

const BUFFER = { records: 20, bytes: 64 * 1024 * 1024 };

describe("a dispatcher's status", () => {
  let fake: FakePipeline | undefined;
  let dispatcher: Dispatcher | undefined;

  beforeEach(() => {
    [fake, dispatcher] = [undefined, undefined];
  });
  afterEach(async () => {
    if (fake !== undefined) fake.autoAnswer = () => ({ kind: 'delivered' });
    for (const call of [...(fake?.calls ?? [])]) call.answer();
    await Promise.all([fake?.pipeline.stop(), dispatcher?.stop()]);
  });

  async function begin(options: ConstructorParameters<typeof FakePipeline>[0] = {}) {
    fake = new FakePipeline({ buffer: BUFFER, ...options });
    await fake.pipeline.start();
    return fake;
  }

  function expectContract(status: object) {
    const whole = {
      trigger: { kind: 'PulsarTrigger', name: 'n', namespace: 'ns' },
      lag: { known: false, why: 'not asked yet' },
      ...sent(status),
    };
    expect([...Errors(dispatcherStatus, whole)]).to.deep.equal([]);
    expect(Check(dispatcherStatus, whole)).to.equal(true);
    expect(Object.keys(dispatcherStatus.properties)).to.include.members(Object.keys(whole));
  }

  it('keeps to the contract, and says in one word why the source is not connected', async () => {
    const [port] = await freePorts(1);
    const parsed = parseTrigger({
      apiVersion: 'kubeless.io/v1',
      kind: 'PulsarTrigger',
      metadata: { name: 'orders', namespace: 'shop' },
      spec: {
        pulsar: { topic: 'orders', broker: `ws://127.0.0.1:${port}` },
        kubeless: { function: 'http://127.0.0.1:1' },
      },
    });
    if (!('trigger' in parsed)) throw new Error(JSON.stringify(parsed.problems));
    const created = await createDispatcher({
      trigger: parsed.trigger,
      secrets: createSecretFiles('/nowhere'),
      logger: createLogger('silent'),
    });
    dispatcher = created;
    expectContract(created.status());
    void created.start();
    await waitFor(() => created.status().reason, { what: 'a reason' });
    expectContract(created.status());
    expect(created.status()).to.include({ connected: false, reason: 'BrokerUnreachable' });
  });

  it('keeps the reason no longer than the connection is away', async () => {
    const { events, pipeline } = await begin();
    for (const reason of DISCONNECT_REASONS) {
      events?.state(false, 'a sentence', reason);
      expect(pipeline.status()).to.include({ connected: false, why: 'a sentence', reason });
    }
    expectContract(pipeline.status());
    events?.state(true);
    expect(pipeline.status()).to.not.have.any.keys('why', 'reason');
  });

  it('keeps to the contract while it is blocked', async () => {
    const playing = await begin();
    playing.autoAnswer = () => RETRY;
    playing.arrive(...Array.from({ length: 30 }, (_, index) => [String(index), { key: 'bad' }] as [string, object]));
    await waitFor(() => playing.pipeline.status().blocked, { what: 'Blocked' });
    expectContract(playing.pipeline.status());
  });

  it('names the hundred partitions that are furthest behind, and counts all', () => {
    const partitions = Array.from({ length: 1000 }, (_, index) => ({ partition: `p-${index}`, records: index }));
    const lag = briefLag({ known: true, records: 499_500, partitions });
    if (!lag.known) throw new Error('it was known');
    expect([lag.records, lag.partitions.length]).to.deep.equal([499_500, 100]);
    expect(lag.partitions.map(({ records }) => records))
      .to.include(999)
      .and.not.include(899);
    const few = { known: true as const, records: 3, partitions: partitions.slice(0, 3) };
    expect(briefLag(few)).to.equal(few);
  });

  describe('unkeyedSerial', () => {
    const keys = (key?: (index: number) => string) =>
      Array.from({ length: 40 }, (_, index): [string, { key?: string }] => [
        String(index),
        key === undefined ? {} : { key: key(index) },
      ]);
    const settled = async (arriving: ReturnType<typeof keys>, options: Parameters<typeof begin>[0] = {}) => {
      const { pipeline } = await begin(options);
      fake?.arrive(...arriving);
      await waitFor(() => pipeline.status().records === BUFFER.records || pipeline.status().running === 8, {
        what: 'a full buffer or all slots taken',
      });
      return pipeline.status();
    };

    it('is set while a backlog without keys goes one by one', async () => {
      const status = await settled(keys());
      expect(status.unkeyedSerial).to.equal(true);
      expectContract(status);
    });

    it('is not set where records have keys, even if it is one key', async () => {
      expect(await settled(keys(() => 'one'))).to.not.have.property('unkeyedSerial');
    });

    it('is not set where all slots are taken', async () => {
      expect(await settled(keys((index) => `key ${index}`))).to.not.have.property('unkeyedSerial');
    });

    it('is not set where partitions are delivered in order because that was asked for', async () => {
      expect(await settled(keys(), { order: 'partition' })).to.not.have.property('unkeyedSerial');
    });

    it('is not set while nothing queues up', async () => {
      const { pipeline } = await begin();
      fake?.arrive('1', '2');
      await waitFor(() => pipeline.status().records === 2, { what: 'both' });
      expect(pipeline.status()).to.not.have.property('unkeyedSerial');
    });
  });

  describe('is news', () => {
    const well = aDispatcherStatus();
    const full = { partition: 'p', position: '1', attempts: 1, records: 1, age: 1 };
    const rows: readonly [string, Partial<DispatcherStatus>][] = [
      ['that the source is away', { connected: false, reason: 'BrokerUnreachable', why: 'w' }],
      ['that the buffer is full', { blocked: full }],
      ['that records are held back', { heldBack: { reason: 'NothingArrives', why: 'w' } }],
      ['that records have no key', { unkeyedSerial: true }],
    ];
    for (const [what, changes] of rows) {
      it(`says ${what}`, () => {
        expect(newsOf({ ...well, ...changes })).to.not.equal(newsOf(well));
      });
    }

    it('does not say numbers, nor the same in other words', () => {
      const numbers = {
        records: 9,
        bytes: 9,
        running: 1,
        retrying: 2,
        delivered: 3,
        lastFailure: 'f',
        failures: { f: 1 },
      };
      expect(newsOf({ ...well, ...numbers, deadLettered: 4, dropped: 5, filtered: 6 })).to.equal(newsOf(well));
      const blocked = (age: number) => newsOf({ ...well, blocked: { ...full, age, key: String(age) } });
      expect(blocked(1)).to.equal(blocked(2));
    });
  });
});
