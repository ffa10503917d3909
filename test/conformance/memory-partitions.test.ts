/** Partitions that come and go, and positions instead of acks: what Kafka and Kinesis ask of the contract of a source. */
import { expect } from 'chai';
import { parseTrigger } from '../../api/trigger.ts';
import { createLogger } from '../../common/logger.ts';
import { createPipeline, type Pipeline } from '../../dispatcher/pipeline.ts';
import { createSink } from '../../dispatcher/sinks/index.ts';
import { answer, hang } from '../support/function-server.ts';
import { createMemorySource } from '../support/memory/source.ts';
import { waitFor } from '../support/wait-for.ts';
import { type MemoryStream, memoryHarness } from './memory-harness.ts';
import { pulsarTrigger } from './pulsar-harness.ts';
import { Scenario } from './scenario.ts';
import { keyed, late } from './source.ts';

const GROUP = 'conformance';
/** Longer than acknowledgements are remembered. */
const LONG_AFTER = 60_000;

describe('source with partitions', function () {
  this.timeout(30_000);
  let stream: MemoryStream;
  let scenario: Scenario;

  beforeEach(async () => {
    stream = await memoryHarness().createStream({ partitions: 2 });
    scenario = await Scenario.on(stream);
  });
  afterEach(() => scenario.close());

  it('repeats after a kill no more than was in hand, however long one record has been stuck', async () => {
    scenario.behave(({ id }) => answer(id === 'r0' ? 500 : 200));
    await scenario.publish([{ id: 'r0', key: 'stuck' }, ...keyed(500, 20, 's')]);
    const first = await scenario.start();
    await scenario.delivered(keyed(500, 20, 's').map(({ id }) => id));
    await waitFor(async () => (await scenario.backlog()) === 1, { what: 'a checkpoint with one record pending' });
    const pending = [0, 1].flatMap((partition) => stream.broker.checkpoint(stream.topic, GROUP, partition)?.pending);
    expect(pending).to.deep.equal([0]);
    await first.kill();
    scenario.behave(() => answer(200));
    await scenario.start();
    await scenario.delivered();
    await scenario.acknowledged();
    await scenario.judge({ duplicates: 0 });
  });

  it('aborts what runs when its partitions are taken away, and records nothing of them', async () => {
    let isSlow = true;
    scenario.behave(() => (isSlow ? hang : answer(200)));
    await scenario.publish(keyed(40, 10));
    await scenario.start({ delivery: { timeout: '60s' } });
    await waitFor(() => scenario.log.open === 10, { what: 'ten open calls' });
    isSlow = false;
    stream.broker.fence(stream.topic, GROUP);
    await scenario.delivered();
    await scenario.acknowledged();
    await scenario.judge({ duplicates: 0 });
  });

  it('reads on from the checkpoint when its partitions are given anew while a fetch is on its way', async () => {
    const { broker, topic } = stream;
    const fetching = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    const connect: typeof broker.connect = async (events) => {
      const connection = await broker.connect(events);
      let fetches = 0;
      return {
        ...connection,
        async fetch(places, max) {
          fetches += 1;
          if (fetches === 2) {
            fetching.resolve();
            await sent.promise;
          }
          return connection.fetch(places, max);
        },
      };
    };
    let isSlow = true;
    scenario.behave(() => (isSlow ? hang : answer(200)));
    await scenario.publish(keyed(10, 10));
    const trigger = triggerFor(scenario.functionUrl('d1'));
    const source = createMemorySource({ connect, topic, group: GROUP, initialPosition: 'earliest' });
    const pipeline = createPipeline({
      trigger,
      source,
      sink: await createSink(trigger),
      logger: createLogger('silent'),
    });
    try {
      await pipeline.start();
      await fetching.promise;
      await waitFor(() => scenario.log.open === 10, { what: 'ten open calls' });
      isSlow = false;
      broker.fence(topic, GROUP);
      sent.resolve();
      await scenario.delivered();
      await scenario.acknowledged();
      await scenario.judge({ duplicates: 0 });
    } finally {
      await pipeline.stop();
    }
  });

  it('hands a partition over when nothing of it runs any more', async () => {
    scenario.behave(({ dispatcher }) => {
      if (dispatcher === 'd2') scenario.behave(() => answer(200));
      return late(300, answer(200));
    });
    await scenario.publish(keyed(480, 12));
    const first = await scenario.start();
    await waitFor(() => scenario.log.open > 6, { what: 'open calls' });
    const second = await scenario.start();
    await scenario.delivered();
    await scenario.acknowledged();
    expect(scenario.calls(first)).to.be.above(0);
    expect(scenario.calls(second)).to.be.above(0);
    const { calls } = await scenario.judge({ duplicates: 0 });
    expect(calls, 'calls, none of which was cut off').to.equal(480);
  });

  describe('whose checkpoint is moved', () => {
    let pipeline: Pipeline;
    let ahead: number;

    beforeEach(async () => {
      ahead = 0;
      const trigger = triggerFor(scenario.functionUrl('d1'));
      const { broker, topic } = stream;
      pipeline = createPipeline({
        trigger,
        source: createMemorySource({ connect: broker.connect, topic, group: GROUP, initialPosition: 'earliest' }),
        sink: await createSink(trigger),
        logger: createLogger('silent'),
        now: () => performance.now() + ahead,
      });
    });
    afterEach(() => pipeline.stop());

    it('sends everything after it again, in order, with retries pending and calls running', async () => {
      let failing = new Set(['r33', 'r41']);
      scenario.behave(({ id, attempt }) => late(attempt === 1 ? 5 : 0, answer(failing.has(id) ? 500 : 200)));
      await scenario.publish(keyed(400, 20));
      await pipeline.start();
      await waitFor(() => scenario.log.delivered.size > 200, { what: 'half of the records' });
      ahead += LONG_AFTER;
      stream.broker.reset(stream.topic, GROUP, 0);
      await waitFor(() => scenario.log.delivered.size >= 361, { what: 'all but the keys that fail' });
      failing = new Set();
      await scenario.delivered();
      await scenario.acknowledged();
      const { duplicates } = await scenario.judge();
      expect(duplicates).to.be.above(200);
    });

    it('sends nothing again that was delivered a moment ago', async () => {
      await scenario.publish(keyed(100, 20));
      await pipeline.start();
      await scenario.delivered();
      stream.broker.reset(stream.topic, GROUP, 0);
      await scenario.publish(keyed(10, 5, 'later'));
      await scenario.delivered();
      await scenario.acknowledged();
      await scenario.judge({ duplicates: 0 });
    });

    it('goes on with what it has when the broker was away, and repeats nothing', async () => {
      let isBack = false;
      scenario.behave(({ id }) => (id === 'r7' && !isBack ? answer(500) : late(20, answer(200))));
      await scenario.publish(keyed(200, 20));
      await pipeline.start();
      await waitFor(() => scenario.log.delivered.size > 60, { what: 'some deliveries' });
      stream.broker.down();
      await waitFor(() => !pipeline.status().connected, { what: 'the pipeline to notice' });
      const without = scenario.log.delivered.size;
      await waitFor(() => scenario.log.delivered.size > without, { what: 'deliveries of what is in hand' });
      stream.broker.up();
      await waitFor(() => pipeline.status().connected, { what: 'the pipeline to be connected' });
      isBack = true;
      await scenario.delivered();
      await scenario.acknowledged();
      await scenario.judge({ duplicates: 0 });
    });
  });
});

function triggerFor(functionUrl: string) {
  const parsed = parseTrigger(
    pulsarTrigger({
      pulsar: { topic: 'unused', broker: 'ws://127.0.0.1:1' },
      kubeless: { function: functionUrl },
      delivery: { maxInFlight: 16, retry: { initialDelay: '50ms', maxDelay: '200ms' } },
    }),
  );
  if ('problems' in parsed) throw new Error(`parsing the trigger of the test: ${JSON.stringify(parsed.problems)}`);
  return parsed.trigger;
}
