/** What a dispatcher says where a real Pulsar keeps records although they are wanted, and that it goes on afterwards. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { HoldReason } from '../../api/dispatcher-status.ts';
import { parseTrigger } from '../../api/trigger.ts';
import { createLogger } from '../../common/logger.ts';
import { createDispatcher, type Dispatcher, type DispatcherStatus } from '../../dispatcher/dispatcher.ts';
import { createSecretFiles } from '../../dispatcher/sources/secrets.ts';
import type { PartitionLag } from '../../dispatcher/sources/source.ts';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { usePulsar } from '../servers/pulsar/shared.ts';
import { answer, type FunctionServer, startFunctionServer } from '../support/function-server.ts';
import { type Consumer, createConsumer } from '../support/pulsar-consumer.ts';
import { publish } from '../support/pulsar-producer.ts';
import * as raw from '../support/pulsar-raw-producer.ts';
import { waitFor } from '../support/wait-for.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 300;

describe('a Pulsar that keeps records although they are wanted', function () {
  this.timeout(60_000);
  const pulsar = usePulsar();
  let functionServer: FunctionServer;
  const started: Dispatcher[] = [];
  /** Keys that the function doesn't take. */
  const failing = new Set<string>();

  beforeEach(async () => {
    failing.clear();
    functionServer = await startFunctionServer();
    functionServer.respond(({ headers }) => answer(failing.has(headers['ce-partitionkey'] ?? '') ? 500 : 204));
  });
  afterEach(async () => {
    failing.clear();
    await Promise.all(started.splice(0).map((dispatcher) => dispatcher.stop()));
    await functionServer.close();
  });

  async function start(topic: string, type: 'Failover' | 'Key_Shared' | 'Shared' = 'Failover'): Promise<Dispatcher> {
    const parsed = parseTrigger({
      apiVersion: 'kubeless.io/v1',
      kind: 'PulsarTrigger',
      metadata: { name: 'holds', namespace: 'test' },
      spec: {
        pulsar: { topic, broker: pulsar().wsUrl, subscription: { name: 's', type, initialPosition: 'earliest' } },
        kubeless: { function: functionServer.url },
        delivery: {
          retry: { initialDelay: '50ms', maxDelay: '200ms' },
          ...(type === 'Shared' && { order: 'none' }),
        },
      },
    });
    if (!('trigger' in parsed)) throw new Error(JSON.stringify(parsed.problems));
    const dispatcher = await createDispatcher({
      trigger: parsed.trigger,
      secrets: createSecretFiles('/nowhere'),
      logger: createLogger('silent'),
      lookEvery: LOOK_EVERY,
    });
    started.push(dispatcher);
    await dispatcher.start();
    return dispatcher;
  }

  async function createTopic(): Promise<string> {
    const topic = `holds-${randomUUID()}`;
    await pulsarAdmin(pulsar()).createTopic(topic);
    return topic;
  }

  const held = (dispatcher: Dispatcher, reason: HoldReason): Promise<DispatcherStatus> =>
    waitFor(
      () => {
        const status = dispatcher.status();
        return status.heldBack?.reason === reason && status;
      },
      { timeout: 30_000, what: () => `${reason}; it says ${JSON.stringify(dispatcher.status())}` },
    );

  const delivered = (dispatcher: Dispatcher, count: number) =>
    waitFor(() => dispatcher.status().delivered === count, {
      timeout: 30_000,
      what: () => `${count} records; it says ${JSON.stringify(dispatcher.status())}`,
    });

  const goesOn = (dispatcher: Dispatcher) =>
    waitFor(() => dispatcher.status().heldBack === undefined, {
      timeout: 30_000,
      what: () => `nothing to be held back; it says ${JSON.stringify(dispatcher.status())}`,
    });

  const records = (count: number, keyOf: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => ({ payload: String(index), key: keyOf(index) }));

  const UNACKED_LIMITS = [
    ['consumer', 'maxUnackedMessagesOnConsumer', 'Key_Shared'],
    ['subscription', 'maxUnackedMessagesOnSubscription', 'Key_Shared'],
    ['consumer', 'maxUnackedMessagesOnConsumer', 'Shared'],
  ] as const;
  for (const [limited, policy, type] of UNACKED_LIMITS) {
    it(`names the limit of unacknowledged records for a ${limited} that failing records reach (${type})`, async () => {
      const admin = pulsarAdmin(pulsar());
      const topic = await createTopic();
      await admin.setTopicPolicy(topic, policy, 10);
      failing.add('bad');
      const dispatcher = await start(topic, type);
      await publish(
        pulsar(),
        topic,
        records(200, (index) => (index < 150 ? 'bad' : `good ${index}`)),
      );
      const status = await held(dispatcher, 'UnacknowledgedLimit');
      expect(status.heldBack?.why)
        .to.include(`for a ${limited}`)
        .and.to.include(`set-max-unacked-messages-per-${limited} public/default`)
        .and.to.include('delivery.retry.maxAttempts');
      expect(status).to.include({ connected: true, delivered: 0 });
      expect(status.blocked).to.include({ key: 'bad' });
      expect((await dispatcher.metrics.expose()).body).to.include('held_back{reason="UnacknowledgedLimit"} 1');
      failing.clear();
      await delivered(dispatcher, 200);
      await goesOn(dispatcher);
    });
  }

  it('delivers the other keys after the limit was lifted and the dispatcher restarted, while one still fails', async () => {
    const admin = pulsarAdmin(pulsar());
    const topic = await createTopic();
    await admin.setTopicPolicy(topic, 'maxUnackedMessagesOnConsumer', 10);
    failing.add('bad');
    const dispatcher = await start(topic, 'Key_Shared');
    await publish(
      pulsar(),
      topic,
      records(200, (index) => (index < 150 ? 'bad' : `good ${index}`)),
    );
    await held(dispatcher, 'UnacknowledgedLimit');
    await admin.setTopicPolicy(topic, 'maxUnackedMessagesOnConsumer', undefined);
    await dispatcher.stop();
    const next = await start(topic, 'Key_Shared');
    await delivered(next, 50);
    expect(next.status().heldBack).to.equal(undefined);
    failing.clear();
    await delivered(next, 200);
  });

  const RATES = [
    ['topic', 'dispatchRate', 'set-dispatch-rate'],
    ['subscription', 'subscriptionDispatchRate', 'set-subscription-dispatch-rate'],
    ['subscription', 's/dispatchRate', 'set-subscription-dispatch-rate'],
  ] as const;
  for (const [limited, policy, command] of RATES) {
    it(`names the dispatch rate limit of the ${limited} (${policy})`, async () => {
      const admin = pulsarAdmin(pulsar());
      const topic = await createTopic();
      await publish(pulsar(), topic, records(100, String));
      await admin.createSubscription(topic, 's', 'earliest');
      await admin.setTopicPolicy(topic, policy, {
        dispatchThrottlingRateInMsg: 10,
        dispatchThrottlingRateInByte: -1,
        relativeToPublishRate: false,
        ratePeriodInSecond: 60,
      });
      const dispatcher = await start(topic);
      const { heldBack } = await held(dispatcher, 'DispatchRateLimit');
      expect(heldBack?.why).to.include(`dispatch rate limit for the ${limited}`).and.to.include(command);
      expect(dispatcher.status().delivered).to.be.below(100);
      await admin.setTopicPolicy(topic, policy, undefined);
      await delivered(dispatcher, 100);
      await goesOn(dispatcher);
    });
  }

  const UNREADABLE = [
    ['an encrypted record', { metadata: raw.encrypted, payload: 'secret' }, 'encrypted'],
    ['an encrypted batch', { metadata: [...raw.encrypted, raw.batchOf(3)], payload: 'secret', count: 3 }, 'encrypted'],
    ['a damaged compressed record', { metadata: raw.compressedByLz4, payload: 'garbagegarbage' }, 'damaged'],
  ] as const;
  for (const [name, message, part] of UNREADABLE) {
    for (const type of ['Failover', 'Key_Shared'] as const) {
      it(`says that ${name} can't be read (${type})`, async () => {
        const topic = await createTopic();
        const dispatcher = await start(topic, type);
        await raw.publishRaw(pulsar(), topic, [{ payload: 'before' }, message, { payload: 'after' }]);
        const { heldBack } = await held(dispatcher, 'RecordsUnreadable');
        expect(heldBack?.why).to.include(`persistent://public/default/${topic}`).and.to.include(part);
      });
    }
  }

  const STUCK = [
    ['a batch that is damaged', { metadata: [raw.batchOf(3)], payload: Buffer.from([0, 0, 0, 200, 1, 2]), count: 3 }],
    ['a part of a large record', { metadata: raw.chunkOf(3), payload: 'part' }],
  ] as const;
  for (const [name, message] of STUCK) {
    it(`says that nothing comes behind ${name}, and at which record`, async () => {
      const topic = await createTopic();
      const dispatcher = await start(topic);
      await raw.publishRaw(pulsar(), topic, [message]);
      const { heldBack } = await held(dispatcher, 'NothingArrives');
      expect(heldBack?.why)
        .to.match(/at \d+:0/)
        .and.to.include('topics skip');
    });
  }

  it('says that the backlog quota is reached', async () => {
    const admin = pulsarAdmin(pulsar());
    const topic = await createTopic();
    failing.add('bad');
    await admin.setBacklogQuota(topic, { limitSize: 2000, policy: 'producer_request_hold' });
    const dispatcher = await start(topic);
    await publish(
      pulsar(),
      topic,
      records(300, () => 'bad'),
    );
    const { heldBack } = await held(dispatcher, 'BacklogQuota');
    expect(heldBack?.why).to.include('its quota is 2000');
    failing.clear();
    await delivered(dispatcher, 300);
    await goesOn(dispatcher);
  });

  it('says that a pattern is taken as a name', async () => {
    const dispatcher = await start('holds-.*');
    const { heldBack } = await held(dispatcher, 'PatternAsName');
    expect(heldBack?.why).to.include('"holds-.*"').and.to.include('list the topics');
  });

  describe('where nothing is wrong', () => {
    const open: Consumer[] = [];
    afterEach(() => Promise.all(open.splice(0).map(({ source }) => source.close())));

    const consumer = (topic: string, type: 'Failover' | 'Key_Shared' | 'Shared') => {
      const subscription = { name: 's', type, initialPosition: 'earliest' } as const;
      const created = createConsumer({ source: { topics: [topic], broker: pulsar().wsUrl, subscription } });
      open.push(created);
      return created;
    };
    /** What it says to a dispatcher that has waited for long. */
    const askedByAStarving = async ({ source }: Consumer) => {
      const signal = AbortSignal.timeout(10_000);
      const lag = await source.lag(signal);
      const isInHand = () => false;
      const view = { wanting: true, idle: true, starving: true, received: true, records: 0, isInHand };
      return { lag, hold: await source.hold(view, signal) };
    };

    it('says nothing of records that are not due yet', async () => {
      const topic = await createTopic();
      const created = consumer(topic, 'Shared');
      await created.connect();
      await publish(pulsar(), topic, [{ payload: 'later', deliverAfterMs: 3_600_000 }]);
      const read = created.source.read(1, AbortSignal.timeout(20_000)).catch(() => []);
      const found = await waitFor(
        async () => {
          const { subscriptions } = await pulsarAdmin(pulsar()).stats(topic);
          return subscriptions.s?.msgDelayed === 1 && askedByAStarving(created);
        },
        { what: 'the broker to delay it' },
      );
      expect(found.lag.map(({ records, own }) => ({ records, own }))).to.deep.equal([{ records: 1, own: 0 }]);
      expect(found.hold).to.equal(undefined);
      await created.source.close();
      await read;
    });

    for (const type of ['Failover', 'Shared'] as const) {
      it(`says nothing of records that another consumer has in hand (${type})`, async () => {
        const topic = await createTopic();
        const [first, second] = [consumer(topic, type), consumer(topic, type)];
        await first.connect();
        await publish(pulsar(), topic, records(5, String));
        await first.read(5);
        await second.connect();
        const hasBoth = async () => (await pulsarAdmin(pulsar()).stats(topic)).subscriptions.s?.consumers.length === 2;
        await waitFor(hasBoth, { what: 'both consumers' });
        // On a Failover subscription the broker chooses which of them is the standby.
        const ownOf = ({ lag }: { readonly lag: readonly PartitionLag[] }) => lag[0]?.own ?? 0;
        const asked = await waitFor(
          async () => {
            const both = [await askedByAStarving(first), await askedByAStarving(second)];
            const [one, another] = both.toSorted((a, b) => ownOf(a) - ownOf(b));
            return one !== undefined && another !== undefined && ownOf(one) === 0 && ownOf(another) === 5 && one;
          },
          { what: 'all records to be of one of them' },
        );
        expect(asked.lag.map(({ records: all }) => all)).to.deep.equal([5]);
        expect(asked.hold).to.equal(undefined);
      });
    }
  });
});
