/** Two pipelines in one process know nothing of each other. */
import { expect } from 'chai';
import { parseTrigger, type Trigger } from '../../api/trigger.ts';
import { createLogger } from '../../common/logger.ts';
import { createPipeline } from '../../dispatcher/pipeline.ts';
import { createSink } from '../../dispatcher/sinks/index.ts';
import { answer, startFunctionServer } from '../support/function-server.ts';
import { createMemoryBroker } from '../support/memory/broker.ts';
import { createMemorySource } from '../support/memory/source.ts';
import { waitFor } from '../support/wait-for.ts';

describe('two pipelines in one process', () => {
  it('deliver each to its own function, and one stops without the other', async () => {
    const broker = createMemoryBroker();
    const functions = await Promise.all([startFunctionServer(), startFunctionServer()]);
    const topics = functions.map(() => broker.createTopic(2));
    const pipelines = await Promise.all(
      functions.map(async ({ url }, index) => {
        const topic = topics[index] ?? '';
        const source = createMemorySource({
          connect: broker.connect,
          topic,
          group: 'pipelines',
          initialPosition: 'earliest',
        });
        const trigger = triggerFor(url);
        return createPipeline({ trigger, source, sink: await createSink(trigger), logger: createLogger('silent') });
      }),
    );
    const publish = (prefix: string) =>
      topics.forEach((topic, index) => {
        const records = Array.from({ length: 50 }, (_, n) => ({
          key: `k${n % 5}`,
          payload: Buffer.from(`"${prefix}${index}-${n}"`),
        }));
        broker.publish(topic, records);
      });
    const [one, other] = functions;
    const [first, second] = pipelines;
    if (!one || !other || !first || !second) throw new Error('two of each are made above');

    try {
      one.respond(() => answer(200));
      other.respond(() => answer(500));
      publish('a');
      await Promise.all(pipelines.map((pipeline) => pipeline.start()));
      await waitFor(() => first.status().delivered === 50, { what: 'all records of the first' });
      await waitFor(() => second.status().retrying === 5, { what: 'the second to retry' });
      expect(first.status()).to.deep.include({ delivered: 50, retrying: 0, failures: {} });
      expect(one.requests).to.have.length(50);

      await first.stop();
      other.respond(() => answer(200));
      publish('b');
      await waitFor(() => second.status().delivered === 100, { what: 'all records of the second' });
      expect(one.requests).to.have.length(50);
      expect(new Set(other.requests.map(({ body }) => body.toString().slice(2, 3)))).to.deep.equal(new Set(['1']));
    } finally {
      await Promise.all(pipelines.map((pipeline) => pipeline.stop()));
      await Promise.all(functions.map((server) => server.close()));
    }
  });
});

function triggerFor(url: string): Trigger {
  const parsed = parseTrigger({
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'pipelines', namespace: 'test' },
    spec: {
      pulsar: { topic: 'unused', broker: 'ws://127.0.0.1:1' },
      kubeless: { function: url },
      delivery: { retry: { initialDelay: '50ms', maxDelay: '100ms' } },
    },
  });
  if ('problems' in parsed) throw new Error(`parsing the trigger of the test: ${JSON.stringify(parsed.problems)}`);
  return parsed.trigger;
}
