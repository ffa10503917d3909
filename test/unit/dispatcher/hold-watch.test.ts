import { expect } from 'chai';
import { createLogger } from '../../../common/logger.ts';
import { LagWatch } from '../../../dispatcher/lag-watch.ts';
import { createPipeline, type Pipeline } from '../../../dispatcher/pipeline.ts';
import type { Sink } from '../../../dispatcher/sinks/sink.ts';
import type { Hold, ReadingView, Source } from '../../../dispatcher/sources/source.ts';
import { createMemoryBroker } from '../../support/memory/broker.ts';
import type { Connect } from '../../support/memory/protocol.ts';
import { createMemorySource } from '../../support/memory/source.ts';
import { aTrigger } from '../../support/records.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A broker in memory that hands nothing over while it is told to, and goes on answering everything else. */
function createStoppable() {
  const broker = createMemoryBroker();
  let stopped = false;
  let resume = () => {};
  let resumed = Promise.resolve();
  const connect: Connect = async (events) => {
    const connection = await broker.connect(events);
    return {
      ...connection,
      async fetch(places, max) {
        const records = await connection.fetch(places, max);
        if (stopped) await resumed;
        return records;
      },
    };
  };
  return {
    broker,
    connect,
    stop() {
      stopped = true;
      ({ promise: resumed, resolve: resume } = Promise.withResolvers<void>());
    },
    goOn() {
      stopped = false;
      resume();
    },
  };
}

describe('records that a broker keeps although they are wanted', () => {
  let open: { readonly pipeline: Pipeline; readonly watch: LagWatch } | undefined;
  let hanging: (() => void)[] = [];

  afterEach(async () => {
    for (const end of hanging.splice(0)) end();
    open?.watch.stop();
    await open?.pipeline.stop();
    open = undefined;
    hanging = [];
  });

  /** The function takes everything at once, or nothing ever ends. */
  async function begin({ hangs = false, paused = false, records = 64, extra = {} as object } = {}) {
    const stoppable = createStoppable();
    const topic = stoppable.broker.createTopic(2);
    const membership = { topic, group: 'g', initialPosition: 'earliest' } as const;
    const memory = createMemorySource({ ...membership, connect: stoppable.connect, checkpointInterval: 1 });
    const source: Source = Object.assign(memory, extra);
    const sink: Sink = {
      async send() {
        if (hangs) await new Promise<void>((resolve) => hanging.push(resolve));
        return [{ kind: 'delivered' }];
      },
      close: async () => {},
    };
    const trigger = aTrigger('http://f');
    const delivery = { ...trigger.delivery, order: 'none', maxInFlight: 4, buffer: { records, bytes: 1e9 } } as const;
    const pipeline = createPipeline({
      trigger: { ...trigger, paused, delivery },
      source,
      sink,
      logger: createLogger('silent'),
    });
    const holds: (Hold | undefined)[] = [];
    const watch = new LagWatch(source, { reading: () => pipeline.reading(), onHold: (hold) => holds.push(hold) });
    open = { pipeline, watch };
    await pipeline.start();
    const publish = (count: number) =>
      stoppable.broker.publish(
        topic,
        Array.from({ length: count }, (_, index) => ({ payload: Buffer.from(`${index}`) })),
      );
    const look = async (times: number) => {
      for (let i = 0; i < times; i++) await watch.look();
      return watch.heldBack?.reason;
    };
    const delivered = (count: number) =>
      waitFor(() => pipeline.status().delivered === count && stoppable.broker.backlog(topic, 'g') === 0, {
        what: () => `${count} records; it says ${JSON.stringify(pipeline.status())}`,
      });
    return { ...stoppable, topic, pipeline, watch, holds, publish, look, delivered };
  }

  it('are told of at the second look at which none had come, until they come', async () => {
    const { stop, goOn, publish, look, delivered, watch, holds } = await begin();
    publish(5);
    await delivered(5);
    stop();
    publish(7);
    expect(await look(2)).to.equal(undefined);
    expect(await look(1)).to.equal('NothingArrives');
    expect(watch.heldBack?.why).to.match(/^7 records wait at the broker .* look at the limits/);
    await look(3);
    expect(holds).to.have.lengthOf(1);
    goOn();
    await delivered(12);
    expect(await look(1)).to.equal(undefined);
    expect(holds).to.have.lengthOf(2);
  });

  it('are not told of while some come, or none waits', async () => {
    const { stop, goOn, publish, look, delivered } = await begin();
    expect(await look(5)).to.equal(undefined);
    for (let round = 1; round <= 4; round++) {
      stop();
      publish(1);
      expect(await look(1)).to.equal(undefined);
      goOn();
      await delivered(round);
    }
  });

  it('are not told of while the function is what they wait for', async () => {
    const { stop, publish, look, pipeline } = await begin({ hangs: true });
    publish(20);
    await waitFor(() => pipeline.status().running === 4, { what: 'all calls' });
    stop();
    publish(500);
    expect(await look(5)).to.equal(undefined);
  });

  it('are not told of while the buffer is full', async () => {
    const { publish, look, pipeline } = await begin({ hangs: true, records: 2 });
    publish(20);
    await waitFor(() => pipeline.status().running === 2, { what: 'a full buffer' });
    expect(await look(5)).to.equal(undefined);
  });

  it('are not told of while the trigger is paused, or not connected', async () => {
    const always = { hold: async (): Promise<Hold> => ({ reason: 'HeldBack', why: 'always' }) };
    const paused = await begin({ paused: true, extra: always });
    paused.publish(5);
    expect(await paused.look(5)).to.equal(undefined);
    await paused.pipeline.stop();
    const { broker, look, pipeline } = await begin({ extra: always });
    expect(await look(1)).to.equal('HeldBack');
    broker.down();
    await waitFor(() => !pipeline.status().connected, { what: 'the loss' });
    expect(await look(3)).to.equal(undefined);
    broker.up();
  });

  it('are not told of where the lag is not known, or others have them', async () => {
    const lags = [() => Promise.reject(new Error('no')), async () => [{ partition: 'p', records: 9, own: 0 }]];
    for (const lag of lags) {
      const { look, pipeline } = await begin({ extra: { lag } });
      expect(await look(5)).to.equal(undefined);
      await pipeline.stop();
    }
  });

  it('are told of in the words of a source that knows why', async () => {
    const views: ReadingView[] = [];
    let said: Hold | undefined = { reason: 'UnacknowledgedLimit', why: 'the limit is 5' };
    const hold = async (view: ReadingView) => {
      views.push(view);
      return said;
    };
    const { look, watch, publish, delivered, stop } = await begin({ extra: { hold } });
    expect(await look(1)).to.equal('UnacknowledgedLimit');
    expect(watch.heldBack?.why).to.equal('the limit is 5');
    expect(views.at(-1)).to.include({ wanting: true, idle: false, starving: false, received: false, records: 0 });
    said = undefined;
    publish(1);
    await delivered(1);
    expect(await look(1)).to.equal(undefined);
    stop();
    publish(1);
    await look(3);
    expect(views.at(-1)).to.include({ wanting: true, idle: true, starving: true, received: true });
  });

  it('are looked at in hand by their partition and position', async () => {
    const { topic, publish, pipeline } = await begin({ hangs: true });
    publish(1);
    await waitFor(() => pipeline.status().running === 1, { what: 'the call' });
    const { isInHand } = pipeline.reading();
    const partition = [0, 1].map((index) => `${topic}/${index}`).find((name) => isInHand(name, () => true)) ?? '';
    expect(isInHand(partition, (position) => position === '0')).to.equal(true);
    expect(isInHand(partition, (position) => position === '1')).to.equal(false);
    expect(isInHand('another', () => true)).to.equal(false);
  });

  it('keeps what it knows of a hold while a look fails, and says nothing while it stops', async () => {
    let hold: Hold | undefined = { reason: 'UnacknowledgedLimit', why: 'a limit' };
    let broken: 'lag' | 'hold' | undefined;
    const source = {
      ...({ connect: async () => {}, read: async () => [], close: async () => {} } satisfies Source),
      lag: async () => {
        if (broken === 'lag') throw new Error('503');
        return [];
      },
      hold: async () => {
        if (broken === 'hold') throw new TypeError('consumers is null');
        return broken === 'lag' ? undefined : hold;
      },
    };
    const told: (string | undefined)[] = [];
    const watch = new LagWatch(source, {
      reading: () => ({
        ...{ connected: true, paused: false, wanting: true, admitted: 5, records: 0, isInHand: () => false },
      }),
      onHold: (given) => told.push(given?.reason),
    });
    await watch.look();
    for (broken of ['lag', 'hold', 'lag'] as const) await watch.look();
    expect(watch.heldBack).to.deep.equal(hold);
    [broken, hold] = [undefined, undefined];
    await watch.look();
    hold = { reason: 'UnacknowledgedLimit', why: 'a limit' };
    watch.stop();
    await watch.look();
    expect(told).to.deep.equal(['UnacknowledgedLimit', undefined]);
  });
});
