/** Parts that break their contract: none ends the process, none keeps a record or a slot. */
import { expect } from 'chai';
import { pino } from 'pino';
import type { Outcome } from '../../../dispatcher/outcome.ts';
import type { DeadLetterSink, Sink } from '../../../dispatcher/sinks/sink.ts';
import type { Delivery, Source, SourceRecord } from '../../../dispatcher/sources/source.ts';
import { waitFor } from '../../support/wait-for.ts';
import { fakeDelivery } from './fake-delivery.ts';
import { type FakePipeline, REJECTED } from './fake-pipeline.ts';
import { keyed, QUICK_RETRY as retry, useFakePipeline } from './use-fake-pipeline.ts';

const unreadable = new Proxy(new Error('x'), {
  get() {
    throw new Error('cannot be read');
  },
  has() {
    throw new Error('cannot be read');
  },
});
const twice = {
  // biome-ignore lint/suspicious/noThenProperty: a promise of somebody else that doesn't keep to what promises do.
  then(fulfilled: (value: unknown) => void, rejected: (reason: unknown) => void) {
    rejected(new Error('first'));
    setTimeout(() => fulfilled([{ kind: 'delivered' }]), 1);
    rejected(new Error('second'));
  },
};

describe('Pipeline with parts that break their contract', () => {
  const { begin: start, running } = useFakePipeline();
  let fake: FakePipeline;
  const begin = async (...options: Parameters<typeof start>) => {
    fake = await start(...options);
  };

  const logged: string[] = [];
  const logger = pino({}, { write: (line: string) => logged.push(line) });
  const times = (what: string) => logged.filter((line) => line.includes(what)).length;
  const failing = (send: Sink['send']): Sink => ({ send, close: async () => {} });
  beforeEach(() => logged.splice(0));

  const answers: [string, () => never | Promise<readonly Outcome[]>][] = [
    [
      'throws',
      () => {
        throw new TypeError('no such header');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('no such header'))],
    ['rejects with what is no error', () => Promise.reject('no such header')],
    // What a sink without types could do.
    ['answers with nothing', () => Promise.resolve(undefined as unknown as Outcome[])],
    ['answers with an empty list', () => Promise.resolve([])],
    ['answers with what is no outcome', () => Promise.resolve([{ kind: 'fine' } as unknown as Outcome])],
    ['rejects with an object of nothing', () => Promise.reject(Object.create(null))],
    ['rejects with an error that cannot be read', () => Promise.reject(unreadable)],
    ['rejects with a code that is no text', () => Promise.reject(Object.assign(new Error('x'), { code: Symbol('y') }))],
    ['answers with what cannot be read', () => Promise.resolve([unreadable as unknown as Outcome])],
    ['settles twice', () => twice as unknown as Promise<Outcome[]>],
    ['returns no promise', () => undefined as unknown as Promise<Outcome[]>],
  ];
  for (const [what, misbehave] of answers) {
    it(`counts a sink that ${what} as a failed attempt: retried, in order, with its slot back`, async () => {
      const attempts = new Map<string, number>();
      const delivered: string[] = [];
      const sink = failing(([record], signal) => {
        const position = record?.position ?? '';
        attempts.set(position, (attempts.get(position) ?? 0) + 1);
        if (attempts.get(position) !== 4) return misbehave();
        expect(signal.aborted).equals(false);
        delivered.push(position);
        return Promise.resolve([{ kind: 'delivered' }]);
      });
      await begin({ maxInFlight: 2 }, { sink, logger });
      fake.arrive(keyed('1', 'a'), keyed('2', 'b'), keyed('3', 'a'), keyed('4', 'c'));
      await waitFor(() => fake.pipeline.status().delivered === 4, { what: 'all four' });
      expect(fake.pipeline.status()).include({ running: 0, retrying: 0, records: 0 });
      expect(fake.pipeline.status().failures).eql({ SinkFailed: 12 });
      expect(delivered.indexOf('1')).below(delivered.indexOf('3'));
      expect(times('sending a record failed')).most(1);
    });
  }

  it('gives what its sink fails on to the dead letter at the limit', async () => {
    const sink = failing(() => {
      throw new TypeError('no such header');
    });
    await begin({ retry: { ...retry, maxAttempts: 2 } }, { sink, logger, withDeadLetter: true });
    const [delivery] = fake.arrive('1');
    await waitFor(() => delivery?.acks === 1, { what: 'the ack' });
    expect(fake.stored[0]?.failure).include({ reason: 'SinkFailed', attempts: 2 });
    expect(fake.stored[0]?.failure.message).not.include('no such header');
  });

  it('stores again what a dead letter failed on', async () => {
    let stores = 0;
    const deadLetter: DeadLetterSink = {
      store: () => {
        stores += 1;
        if (stores < 3) throw new TypeError('not stored');
        return Promise.resolve({ kind: 'delivered' });
      },
      close: async () => {},
    };
    await begin({}, { deadLetter, logger });
    const [delivery] = fake.arrive('1');
    await running('1');
    fake.answer('1', REJECTED);
    await waitFor(() => delivery?.acks === 1, { what: 'the ack' });
    expect([stores, fake.pipeline.status().deadLettered]).eql([3, 1]);
  });

  it('takes the error of a client that was aborted at its time-out for the time-out', async () => {
    const sink = failing(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('the client says: aborted')), { once: true });
        }),
    );
    await begin({ timeout: 10 }, { sink, logger });
    fake.arrive('1');
    await waitFor(() => (fake.pipeline.status().failures.Timeout ?? 0) > 1, { what: 'two time-outs' });
    expect(fake.pipeline.status().failures).have.all.keys('Timeout');
  });

  const reads: [string, () => never | Promise<Delivery[]>][] = [
    ['rejects', () => Promise.reject(new Error('cannot be read'))],
    [
      'throws',
      () => {
        throw new Error('cannot be read');
      },
    ],
    ['hands over nothing', () => Promise.resolve([])],
    ['hands over no list', () => Promise.resolve(undefined as unknown as Delivery[])],
  ];
  for (const [what, misbehave] of reads) {
    it(`pauses longer and longer while reading ${what}, says so once, and goes on`, async () => {
      const at: number[] = [];
      const healthy = fakeDelivery('1');
      const source: Source = {
        connect: async (events) => events.state(true),
        read(_max, signal) {
          at.push(performance.now());
          if (at.length < 4) return misbehave();
          if (at.length === 4) return Promise.resolve([healthy]);
          return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        },
        close: async () => {},
      };
      await begin({}, { source, logger });
      fake.autoAnswer = () => ({ kind: 'delivered' });
      await waitFor(() => at.length === 2, { what: 'the second read' });
      const { connected, why } = fake.pipeline.status();
      expect([connected, why?.startsWith('reading from the source fails: ')]).eql([false, true]);
      await waitFor(() => healthy.acks === 1, { what: 'the record' });
      expect(fake.pipeline.status().connected).equals(true);
      const pauses = at.slice(1, 4).map((time, index) => time - (at[index] ?? 0));
      for (const [index, least] of [99, 199, 399].entries()) expect(pauses[index]).least(least);
      expect(times('reading from the source failed')).equals(1);
    });
  }

  it('stops at once while it pauses after a failed read', async () => {
    let reads = 0;
    const source: Source = {
      connect: async (events) => events.state(true),
      read: () => {
        reads += 1;
        return Promise.reject(new Error('cannot be read'));
      },
      close: async () => {},
    };
    await begin({}, { source, logger, random: () => 0 });
    await waitFor(() => reads === 5, { what: 'a pause of 1.6 s' });
    const stopping = performance.now();
    await fake.pipeline.stop();
    expect(performance.now() - stopping).below(1_000);
  });

  it('hands a record to the function when the filter throws, and the ones behind it too', async () => {
    const filter = ({ position }: SourceRecord) => {
      if (position === '2') throw new Error('no such attribute');
      return true;
    };
    await begin({}, { filter, logger });
    fake.autoAnswer = () => ({ kind: 'delivered' });
    fake.arrive('1', '2', '3');
    await waitFor(() => fake.pipeline.status().delivered === 3, { what: 'all three' });
    expect(times('filtering a record failed')).equals(1);
  });

  it('goes on when an acknowledgement or a listener throws', async () => {
    const onAttempt = () => {
      throw new Error('the terminal is gone');
    };
    await begin({}, { onAttempt, logger });
    fake.autoAnswer = () => ({ kind: 'delivered' });
    const [first] = fake.arrive('1', '2');
    if (first === undefined) throw new Error('two arrived');
    first.ack = () => {
      throw new Error('not connected');
    };
    await waitFor(() => fake.pipeline.status().delivered === 2, { what: 'both' });
    expect(fake.pipeline.status().records).equals(0);
    expect([times('acknowledging a record failed'), times('reporting an attempt failed')]).eql([1, 1]);
  });

  it('closes the sinks although the source cannot be closed', async () => {
    const source: Source = {
      connect: async (events) => events.state(true),
      read: (_max, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      close: () => Promise.reject(new Error('stuck')),
    };
    await begin({}, { source, logger, withDeadLetter: true });
    await fake.pipeline.stop();
    expect(fake.closed).eql(['sink', 'dead letter']);
  });
});
