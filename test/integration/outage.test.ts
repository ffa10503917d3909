/** What an outage of the broker costs: the broker loses what it hadn't saved, and the dispatcher, alive throughout, knows it. */
import { expect } from 'chai';
import { createLogger } from '../../common/logger.ts';
import { createPipeline, type Pipeline } from '../../dispatcher/pipeline.ts';
import { createSink } from '../../dispatcher/sinks/index.ts';
import { createSource } from '../../dispatcher/sources/index.ts';
import { createSecretFiles } from '../../dispatcher/sources/secrets.ts';
import type { Source } from '../../dispatcher/sources/source.ts';
import { pulsarHarness, triggerFor } from '../conformance/pulsar-harness.ts';
import { Scenario } from '../conformance/scenario.ts';
import { keyed } from '../conformance/source.ts';
import { waitFor } from '../support/wait-for.ts';

/** Longer than acknowledgements are remembered. */
const LONG = 60_000;

describe('an outage of Pulsar', function () {
  this.timeout(240_000);
  const harness = pulsarHarness({ driver: 'websocket' });
  let scenario: Scenario;
  let pipeline: Pipeline;
  /** Milliseconds that the pipeline's clock is ahead. */
  let ahead = 0;
  /** Records that the broker handed over. */
  let arrivals = 0;

  before(async function () {
    this.timeout(600_000);
    await harness.prepare?.();
  });

  afterEach(async () => {
    await pipeline.stop();
    await scenario.close();
  });

  after(async () => harness.close?.());

  it('repeats nothing of what was delivered before it, however long it lasts', async () => {
    const stream = await harness.createStream({ partitions: 1, ownBroker: true });
    scenario = await Scenario.on(stream);
    const trigger = triggerFor(stream, scenario.functionUrl('d1'));
    const logger = createLogger('silent');
    pipeline = createPipeline({
      trigger,
      source: counted(await createSource({ trigger, secrets: createSecretFiles('/nowhere'), logger })),
      sink: await createSink(trigger),
      logger,
      now: () => performance.now() + ahead,
    });
    await scenario.publish(keyed(300, 10));
    await pipeline.start();
    await scenario.delivered(undefined, 60_000);
    const back = scenario.restartBroker();
    await waitFor(() => !pipeline.status().connected, { what: 'the connection to be lost' });
    ahead += LONG;
    await back;
    await waitFor(() => pipeline.status().connected, { timeout: 60_000, what: 'the connection to be back' });
    await scenario.publish(keyed(20, 10, 'later'));
    await scenario.delivered(undefined, 60_000);
    await scenario.acknowledged(30_000);
    expect(arrivals, 'handed over again by the broker').to.be.above(320);
    await scenario.judge({ duplicates: 0 });
  });

  function counted(source: Source): Source {
    const read = source.read.bind(source);
    return Object.assign(source, {
      read: async (max: number, signal: AbortSignal) => {
        const deliveries = await read(max, signal);
        arrivals += deliveries.length;
        return deliveries;
      },
    });
  }
});
