/** What a dispatcher makes of records that Pulsar hands over again: after a topic unload, a cursor reset, a batch. */
import { expect } from 'chai';
import { createLogger } from '../../common/logger.ts';
import { createPipeline, type Pipeline } from '../../dispatcher/pipeline.ts';
import { createSink } from '../../dispatcher/sinks/index.ts';
import { createSource } from '../../dispatcher/sources/index.ts';
import { createSecretFiles } from '../../dispatcher/sources/secrets.ts';
import { type PulsarStream, pulsarHarness, triggerFor } from '../conformance/pulsar-harness.ts';
import { Scenario } from '../conformance/scenario.ts';
import { keyed } from '../conformance/source.ts';
import { answer } from '../support/function-server.ts';
import { waitFor } from '../support/wait-for.ts';

/** Longer than acknowledgements are remembered. */
const LONG_AFTER = 60_000;

describe('redelivery by Pulsar', function () {
  this.timeout(60_000);
  const harness = pulsarHarness({ driver: 'websocket' });
  let stream: PulsarStream;
  let scenario: Scenario;
  let pipeline: Pipeline;
  /** Milliseconds that the pipeline's clock is ahead. */
  let ahead: number;
  /** The function refuses these. */
  let failing: Set<string>;

  before(async function () {
    this.timeout(600_000);
    await harness.prepare?.();
  });

  beforeEach(async () => {
    ahead = 0;
    failing = new Set();
    stream = await harness.createStream({ partitions: 1 });
    scenario = await Scenario.on(stream);
    scenario.behave(({ id }) => answer(failing.has(id) ? 500 : 204));
    const trigger = triggerFor(stream, scenario.functionUrl('d1'));
    const logger = createLogger('silent');
    pipeline = createPipeline({
      trigger,
      source: await createSource({ trigger, secrets: createSecretFiles('/nowhere'), logger }),
      sink: await createSink(trigger),
      logger,
      now: () => performance.now() + ahead,
    });
  });

  afterEach(async () => {
    await pipeline.stop();
    await scenario.close();
  });

  it('sends nothing twice when the topic is unloaded while a record waits for its retry', async () => {
    failing.add('r3');
    await scenario.publish(keyed(100, 10));
    await pipeline.start();
    await delivers(90);
    await reconnects(() => stream.admin.unloadTopic(stream.topic));
    await scenario.publish(keyed(20, 10, 'later'));
    await delivers(108);
    failing.clear();
    await scenario.delivered();
    await scenario.acknowledged();
    await scenario.judge({ duplicates: 0 });
  });

  it('sends nothing of a batch twice when the topic is unloaded long after the rest of it was delivered', async () => {
    failing.add('r42');
    await scenario.publish(keyed(100, 50), { batch: 100 });
    await pipeline.start();
    await delivers(98);
    ahead += LONG_AFTER;
    await reconnects(() => stream.admin.unloadTopic(stream.topic));
    await attempts('r42', 2);
    failing.clear();
    await scenario.delivered();
    await scenario.acknowledged();
    await scenario.judge({ duplicates: 0 });
  });

  it('goes back with the cursor, and from there sends everything again in order', async () => {
    failing.add('r33');
    await scenario.publish(keyed(100, 10));
    await pipeline.start();
    await delivers(93);
    // Acknowledgements that reach the broker after the reset would count for the records that it hands over again.
    await waitFor(async () => (await scenario.backlog()) === 7, { interval: 50, what: '93 acknowledgements' });
    ahead += LONG_AFTER;
    await reconnects(() => stream.admin.resetCursor(stream.topic, stream.subscription, new Date(0)));
    await waitFor(() => scenario.findings().duplicates === 93, {
      what: () => `repeats, ${scenario.findings().duplicates} so far`,
    });
    failing.clear();
    await scenario.delivered();
    await scenario.acknowledged();
    const { duplicates } = await scenario.judge();
    expect(duplicates).to.equal(93);
  });

  it('goes back to the middle, and leaves alone what is before', async () => {
    await scenario.publish(keyed(50, 10));
    await pipeline.start();
    await scenario.delivered();
    await scenario.acknowledged();
    const between = await waitFor(afterMillisecond(Date.now()), { what: 'the next millisecond' });
    await scenario.publish(keyed(50, 10, 'second'));
    await scenario.delivered();
    await scenario.acknowledged();
    ahead += LONG_AFTER;
    await stream.admin.resetCursor(stream.topic, stream.subscription, between);
    await waitFor(() => scenario.findings().duplicates === 50, {
      what: () => `repeats, ${scenario.findings().duplicates} so far`,
    });
    await scenario.acknowledged();
    await scenario.judge({ duplicates: 50 });
    expect(scenario.log.attempts('r0')).to.equal(1);
    expect(scenario.log.attempts('second0')).to.equal(2);
  });

  function delivers(count: number): Promise<boolean> {
    const what = () => `${count} deliveries, ${scenario.log.delivered.size} so far`;
    return waitFor(() => scenario.log.delivered.size >= count, { what });
  }

  async function attempts(id: string, more: number): Promise<void> {
    const least = scenario.log.attempts(id) + more;
    await waitFor(() => scenario.log.attempts(id) >= least, { what: `${more} more attempts of ${id}` });
  }

  /** The broker breaks the session with what is asked of it; resolves when there is a new one. */
  async function reconnects(disturb: () => Promise<void>): Promise<void> {
    await disturb();
    const connected = async () => {
      const stats = await stream.admin.stats(stream.topic);
      return stats.subscriptions[stream.subscription]?.consumers.length === 1;
    };
    await waitFor(connected, { timeout: 20_000, interval: 50, what: 'a consumer to be back' });
  }
});

function afterMillisecond(time: number): () => Date | undefined {
  return () => (Date.now() > time + 1 ? new Date() : undefined);
}
