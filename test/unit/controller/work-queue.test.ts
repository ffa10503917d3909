import { expect } from 'chai';
import fc from 'fast-check';
import { createWorkQueue, type WorkQueue, type WorkQueueOptions } from '../../../controller/work-queue.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

type Work = WorkQueueOptions['work'];

describe('work queue', () => {
  let clock: ManualClock;
  let started: string[];
  /** Ends what runs for a key. */
  let running: Map<string, PromiseWithResolvers<Awaited<ReturnType<Work>>>>;
  let queue: WorkQueue;

  beforeEach(() => {
    clock = createManualClock();
    started = [];
    running = new Map();
    queue = create();
  });

  it('works on a key at once, and on as many as are allowed', async () => {
    for (const key of ['a', 'b', 'c']) queue.add(key);
    expect(started).to.deep.equal(['a@0', 'b@0']);
    expect(queue).to.include({ size: 1, running: 2, waiting: 0 });
    await end('a');
    expect(started).to.deep.equal(['a@0', 'b@0', 'c@0']);
    await end('b');
    await end('c');
    expect(queue).to.include({ size: 0, running: 0, waiting: 0 });
  });

  it('takes keys in the order in which they came, each once', async () => {
    queue = create({ concurrency: 1 });
    for (const key of ['a', 'b', 'c', 'b', 'c', 'd']) queue.add(key);
    for (const key of ['a', 'b', 'c', 'd']) await end(key);
    expect(started).to.deep.equal(['a@0', 'b@0', 'c@0', 'd@0']);
  });

  it('works once more on a key that was added while it ran, after those that waited', async () => {
    queue = create({ concurrency: 1 });
    queue.add('a');
    queue.add('b');
    queue.add('a');
    queue.add('a');
    await end('a');
    await end('b');
    await end('a');
    expect(started).to.deep.equal(['a@0', 'b@0', 'a@0']);
    expect(queue).to.include({ size: 0, running: 0, waiting: 0 });
  });

  it('doubles the wait of a key that fails, up to the limit, and forgets it after a success', async () => {
    queue.add('a');
    for (const wait of [200, 400, 800, 1_600, 1_600]) {
      await fail('a');
      expect(queue).to.include({ waiting: 1, running: 0 });
      await clock.advance(wait - 1);
      expect(queue.running).to.equal(0);
      await clock.advance(1);
      expect(queue.running).to.equal(1);
    }
    await end('a');
    queue.add('a');
    await fail('a');
    await clock.advance(200);
    expect(queue.running).to.equal(1);
  });

  it('shortens waits at random by up to a fifth', async () => {
    queue = create({ random: () => 0.5 });
    queue.add('a');
    await fail('a');
    await clock.advance(1_000);
    expect(started).to.deep.equal(['a@0', 'a@180']);
  });

  it('lets timers and sockets have their turn however many keys wait for nothing', async () => {
    let worked = 0;
    const work: Work = async () => {
      worked++;
      return undefined;
    };
    // Each key takes a millisecond.
    queue = create({ work, clock: { now: () => worked, after: clock.after } });
    for (let index = 0; index < 100; index++) queue.add(`${index}`);
    const turns: number[] = [];
    while (worked < 100) {
      await new Promise((resolve) => setImmediate(resolve));
      turns.push(worked);
    }
    expect(turns.length, `keys worked on by the end of each turn: ${turns}`).to.be.within(9, 20);
  });

  it('does not let a key that fails delay another', async () => {
    queue = create({ concurrency: 1 });
    queue.add('bad');
    queue.add('good');
    await fail('bad');
    await end('good');
    queue.add('good');
    expect(started).to.deep.equal(['bad@0', 'good@0', 'good@0']);
  });

  it('waits as long as the server asked, whatever is added', async () => {
    queue.add('a');
    await fail('a', { retryAfterMs: 5_000 });
    queue.add('a');
    await clock.advance(4_999);
    expect(started).to.have.length(1);
    await clock.advance(1);
    expect(started).to.deep.equal(['a@0', 'a@5000']);
  });

  it('ends the wait of a key that failed when it is added, but leaves a breath after the failure', async () => {
    queue.add('a');
    await fail('a');
    await clock.advance(200);
    await fail('a');
    queue.add('a');
    expect(queue.running).to.equal(0);
    await clock.advance(200);
    expect(started).to.deep.equal(['a@0', 'a@200', 'a@400']);
    await fail('a');
    await clock.advance(500);
    queue.add('a');
    expect(started.at(-1)).to.equal('a@900');
  });

  it('comes back to a key when the work or a caller asked for it, at the earlier time', async () => {
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 500);
    queue.addAfter('a', 2_000);
    await clock.advance(5_000);
    expect(started).to.deep.equal(['a@500']);
    queue.addAfter('a', 3_000);
    await end('a', { again: 1_000 });
    await clock.advance(5_000);
    expect(started).to.deep.equal(['a@500', 'a@6000']);
    await end('a', { again: 60_000 });
    queue.add('a');
    expect(started.at(-1)).to.equal('a@10000');
    await end('a');
    await clock.advance(120_000);
    expect(started).to.have.length(3);
  });

  it('stops: what runs may end, nothing else begins, and after the grace it is aborted', async () => {
    let signal: AbortSignal | undefined;
    queue = create({
      work(key, given) {
        signal = given;
        return work(key, given);
      },
      concurrency: 1,
    });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 100);
    let isStopped = false;
    const stopping = queue.stop(500).then(() => (isStopped = true));
    queue.add('d');
    await clock.advance(499);
    expect(signal?.aborted).to.equal(false);
    await clock.advance(1);
    expect(signal?.aborted).to.equal(true);
    expect(isStopped).to.equal(false);
    await fail('a');
    await stopping;
    await clock.advance(60_000);
    expect(started).to.deep.equal(['a@0']);
    await queue.stop();
  });

  it('tells how long keys waited and ran, and why they failed', async () => {
    const seen: string[] = [];
    queue = create({
      concurrency: 1,
      observer: {
        started: (key, waited) => seen.push(`${key} waited ${waited}`),
        succeeded: (key, took) => seen.push(`${key} took ${took}`),
        failed: (key, error, took, retryIn) => seen.push(`${key} failed after ${took}: ${error}, again in ${retryIn}`),
      },
    });
    queue.add('a');
    queue.add('b');
    await clock.advance(30);
    await fail('a', new Error('why'));
    await clock.advance(10);
    await end('b');
    expect(seen).to.deep.equal([
      'a waited 0',
      'a failed after 30: Error: why, again in 200',
      'b waited 30',
      'b took 10',
    ]);
  });

  it('takes a work that throws at once for one that failed', async () => {
    queue = create({
      work: (key) => {
        started.push(`${key}@${clock.now()}`);
        if (started.length === 1) throw new Error('synchronous');
        return Promise.resolve(undefined);
      },
    });
    queue.add('a');
    await clock.advance(200);
    expect(started).to.deep.equal(['a@0', 'a@200']);
  });

  it('never works on a key twice at once, and never forgets one that was added', async () => {
    const keys = ['a', 'b', 'c', 'd'];
    const step = fc.oneof(
      fc.record({ add: fc.constantFrom(...keys) }),
      fc.record({ addAfter: fc.constantFrom(...keys), ms: fc.integer({ min: 0, max: 500 }) }),
      fc.record({ end: fc.constantFrom(...keys) }),
      fc.record({ fail: fc.constantFrom(...keys) }),
      fc.record({ advance: fc.integer({ min: 0, max: 3_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        clock = createManualClock();
        running = new Map();
        started = [];
        queue = create();
        /** Keys that were asked for and haven't begun since. */
        const owed = new Set<string>();
        const settle = () => {
          for (const entry of started.splice(0)) owed.delete(entry.split('@')[0] ?? '');
        };
        for (const each of steps) {
          if ('add' in each) owed.add(each.add);
          if ('add' in each) queue.add(each.add);
          else if ('addAfter' in each) {
            owed.add(each.addAfter);
            queue.addAfter(each.addAfter, each.ms);
          } else if ('end' in each) await end(each.end);
          else if ('fail' in each && running.has(each.fail)) {
            owed.add(each.fail);
            settle();
            owed.add(each.fail);
            await fail(each.fail);
          } else if ('advance' in each) await clock.advance(each.advance);
          settle();
          expect(queue.running).to.be.at.most(2).and.to.equal(running.size);
        }
        for (let round = 0; round < 20 && (owed.size > 0 || running.size > 0); round++) {
          for (const key of [...running.keys()]) await end(key);
          await clock.advance(2_000);
          settle();
        }
        expect([...owed]).to.deep.equal([]);
        expect(queue).to.include({ size: 0, running: 0, waiting: 0 });
      }),
      { numRuns: 200 },
    );
  });

  const work: Work = (key) => {
    expect(running.has(key), `${key} runs already`).to.equal(false);
    started.push(`${key}@${clock.now()}`);
    const ending = Promise.withResolvers<Awaited<ReturnType<Work>>>();
    running.set(key, ending);
    return ending.promise;
  };

  function create(options: Partial<WorkQueueOptions> = {}): WorkQueue {
    const backoff = { min: 200, max: 1_600 };
    return createWorkQueue({ work, concurrency: 2, backoff, clock, random: () => 0, ...options });
  }

  async function end(key: string, result?: { again: number }): Promise<void> {
    const ending = running.get(key);
    running.delete(key);
    ending?.resolve(result);
    await clock.advance(0);
  }

  async function fail(key: string, error: unknown = new Error('failed')): Promise<void> {
    const ending = running.get(key);
    running.delete(key);
    ending?.reject(error);
    await clock.advance(0);
  }
});
