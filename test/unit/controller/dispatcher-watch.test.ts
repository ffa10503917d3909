import { expect } from 'chai';
import type { DispatcherStatus } from '../../../api/dispatcher-status.ts';
import { createDispatcherWatch, type DispatcherWatch } from '../../../controller/dispatcher-watch.ts';
import type { PodObject } from '../../../controller/kube/objects.ts';
import type { Wait } from '../../../controller/status/dispatcher-reading.ts';
import type { DispatcherReading } from '../../../controller/status/observed.ts';
import { aDispatcherStatus } from '../../support/dispatcher-status.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createManualClock } from './manual-clock.ts';

function pod(name: string, { ready = false, phase = 'Running' } = {}): PodObject {
  return {
    metadata: { name, namespace: 'ns', uid: name, resourceVersion: '1' },
    status: { phase, podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

describe('watching dispatchers', () => {
  it('asks at most 32 at once, and all of them', async () => {
    const pods = Array.from({ length: 100 }, (_, index) => pod(`p${index}`));
    const pending: (() => void)[] = [];
    let most = 0;
    let asked = 0;
    const watch = createDispatcherWatch({
      canAsk: () => true,
      onNews: () => {},
      read: ({ metadata }) =>
        new Promise((resolve) => {
          asked += 1;
          pending.push(() => resolve({ pod: metadata.name, why: 'no' }));
          most = Math.max(most, pending.length);
        }),
    });
    watch.start();
    for (const each of pods) watch.changed({ after: each });
    await waitFor(() => pending.length === 32, { what: '32 questions' });
    await waitFor(
      () => {
        pending.shift()?.();
        return asked >= 100 && pending.length === 0;
      },
      { what: 'all to be asked', interval: 1 },
    );
    watch.stop();
    expect(most).to.equal(32);
  });

  it('asks at once when a pod runs, or its readiness changes, and tells only what is new', async () => {
    const asked: string[] = [];
    const news: string[] = [];
    let why = 'first';
    const watch = createDispatcherWatch({
      canAsk: () => true,
      onNews: ({ metadata }) => news.push(metadata.name),
      read: async ({ metadata }): Promise<DispatcherReading> => {
        asked.push(metadata.name);
        return { pod: metadata.name, why };
      },
    });
    watch.start();
    const pending = pod('a', { phase: 'Pending' });
    watch.changed({ after: pending });
    watch.changed({ before: pending, after: pod('a') });
    watch.changed({ before: pod('a'), after: pod('a') });
    await waitFor(() => news.length === 1, { what: 'the first news' });
    watch.changed({ before: pod('a'), after: pod('a', { ready: true }) });
    await waitFor(() => asked.length === 2, { what: 'the second question' });
    why = 'second';
    watch.changed({ before: pod('a', { ready: true }), after: pod('a') });
    await waitFor(() => news.length === 2, { what: 'the second news' });
    expect(asked).to.deep.equal(['a', 'a', 'a']);
    expect(watch.of([pod('a')])).to.deep.equal([{ pod: 'a', why: 'second' }]);
    watch.changed({ before: pod('a') });
    expect(watch.of([pod('a')])).to.deep.equal([]);
    watch.stop();
  });

  it('asks a dispatcher that answered before once more before it says that it does not', async () => {
    const status = aDispatcherStatus();
    const answers: DispatcherReading[] = [
      { pod: 'a', status },
      { pod: 'a', why: 'busy' },
      { pod: 'a', status },
      { pod: 'a', why: 'gone' },
      { pod: 'a', why: 'gone' },
    ];
    const known: (readonly DispatcherReading[])[] = [];
    let asked = 0;
    const watch = createDispatcherWatch({
      canAsk: () => true,
      onNews: () => known.push(watch.of([pod('a')])),
      read: async () => answers[Math.min(asked++, answers.length - 1)] ?? { pod: 'a', why: 'no' },
    });
    watch.start();
    const ask = () => watch.changed({ after: pod('a') });
    ask();
    await waitFor(() => asked === 1, { what: 'the first answer' });
    ask();
    await waitFor(() => asked === 3, { what: 'the question after the busy moment' });
    ask();
    await waitFor(() => known.length === 2, { what: 'the second news' });
    watch.stop();
    expect(asked).to.equal(5);
    expect(known).to.deep.equal([[{ pod: 'a', status }], [{ pod: 'a', why: 'gone' }]]);
  });

  describe('keeps nothing of a pod that is deleted', () => {
    it('while it is asked', async () => {
      const answer = Promise.withResolvers<DispatcherReading>();
      const news: string[] = [];
      const watch = createDispatcherWatch({
        canAsk: () => true,
        onNews: ({ metadata }) => news.push(metadata.name),
        read: async ({ metadata: { name } }) => (name === 'a' ? answer.promise : { pod: name, why: 'no' }),
      });
      watch.start();
      watch.changed({ after: pod('a') });
      watch.changed({ before: pod('a') });
      answer.resolve({ pod: 'a', why: 'late' });
      watch.changed({ after: pod('b') });
      await waitFor(() => news.includes('b'), { what: 'the news of another' });
      watch.stop();
      expect(news).to.deep.equal(['b']);
      expect(watch.of([pod('a')])).to.deep.equal([]);
    });

    it('while it waits for others to be asked', async () => {
      const answers: (() => void)[] = [];
      const told: string[] = [];
      const watch = createDispatcherWatch({
        canAsk: () => true,
        onNews: () => {},
        read({ metadata }) {
          told.push(metadata.name);
          return new Promise((resolve) => answers.push(() => resolve({ pod: metadata.name, why: 'no' })));
        },
      });
      watch.start();
      for (let index = 0; index < 32; index++) watch.changed({ after: pod(`p${index}`) });
      for (const name of ['a', 'b']) watch.changed({ after: pod(name) });
      watch.changed({ before: pod('a') });
      for (const respond of answers.splice(0)) respond();
      await waitFor(() => told.includes('b'), { what: 'another to be asked' });
      watch.stop();
      expect(told).not.to.include('a');
    });

    it('in a round that it was part of', async () => {
      const told: string[] = [];
      const watch = createDispatcherWatch({
        canAsk: () => true,
        onNews: () => {},
        async read({ metadata: { name } }) {
          told.push(name);
          return { pod: name, why: 'no' };
        },
      });
      // Before it starts: asked in the first round, one after another.
      for (const name of ['a', 'b', 'c']) watch.changed({ after: pod(name) });
      watch.start();
      watch.changed({ before: pod('b') });
      await waitFor(() => told.includes('c'), { what: 'the last to be asked', timeout: 10_000 });
      watch.stop();
      expect(told).not.to.include('b');
      expect(watch.of([pod('b')])).to.deep.equal([]);
    });

    it('after a busy moment of it', async () => {
      const told: string[] = [];
      const count = (name: string) => told.filter((other) => other === name).length;
      const watch = createDispatcherWatch({
        canAsk: () => true,
        onNews: () => {},
        async read({ metadata: { name } }) {
          told.push(name);
          return count(name) === 1 ? { pod: name, status: aDispatcherStatus() } : { pod: name, why: 'busy' };
        },
      });
      watch.start();
      // The second one is asked again last.
      for (const name of ['a', 'b', 'a', 'b']) {
        const before = told.length;
        watch.changed({ after: pod(name) });
        await waitFor(() => told.length > before, { what: `${name} to be asked` });
      }
      watch.changed({ before: pod('a') });
      await waitFor(() => count('b') === 3, { what: 'the other to be asked again' });
      watch.stop();
      expect(count('a')).to.equal(2);
      expect(watch.of([pod('a')])).to.deep.equal([]);
    });
  });

  it('asks nobody who cannot be asked, and nobody before it starts', async () => {
    let asked = 0;
    const watch = createDispatcherWatch({
      canAsk: () => false,
      onNews: () => {},
      read: async ({ metadata }) => {
        asked += 1;
        return { pod: metadata.name, why: '' };
      },
    });
    watch.changed({ after: pod('a') });
    watch.start();
    watch.changed({ after: pod('a') });
    watch.stop();
    expect(asked).to.equal(0);
  });

  describe('leave a question at dispatchers that know how to wait', () => {
    interface Question {
      readonly pod: string;
      readonly at: number;
      readonly wait: Wait | undefined;
      answer(changes?: Partial<DispatcherStatus>): Promise<void>;
    }

    const watches: DispatcherWatch[] = [];
    afterEach(() => {
      for (const watch of watches.splice(0)) watch.stop();
    });

    /** Dispatchers whose answers the test gives, on a clock that the test moves. */
    function scene({ tag = '"1"' }: { readonly tag?: string } = {}) {
      const clock = createManualClock();
      const questions: Question[] = [];
      const news: string[] = [];
      const watch = createDispatcherWatch({
        canAsk: () => true,
        onNews: ({ metadata }) => news.push(metadata.name),
        clock,
        read: ({ metadata: { name } }, { wait }) =>
          new Promise((resolve) => {
            questions.push({
              pod: name,
              at: clock.now(),
              wait,
              async answer(changes = {}) {
                resolve({ pod: name, status: aDispatcherStatus(changes), tag });
                await clock.advance(0);
              },
            });
          }),
      });
      watches.push(watch);
      watch.start();
      const last = (): Question => {
        const question = questions.at(-1);
        if (question === undefined) throw new Error('nothing was asked');
        return question;
      };
      return { clock, questions, news, watch, last };
    }

    it('asks one that is well no more than once in 50 s, and hears at once when it is not', async () => {
      const { clock, questions, news, watch, last } = scene();
      watch.changed({ after: pod('a') });
      await last().answer();
      await clock.advance(5_000);
      for (let asked = 2; asked < 20; asked++) {
        expect(questions).to.have.lengthOf(asked);
        const { wait } = last();
        await clock.advance((wait?.seconds ?? 0) * 1000);
        await last().answer();
      }
      expect(clock.now()).to.be.within(17 * 49_000, 18 * 51_000);
      expect(news).to.have.lengthOf(1);
      await clock.advance(20_000);
      await last().answer({ retrying: 1, blocked: { partition: 'p', position: '1', attempts: 1, records: 9, age: 1 } });
      expect(news).to.have.lengthOf(2);
    });

    it('asks all dispatchers of a trigger for their numbers at the same time', async () => {
      const { clock, questions, watch } = scene();
      const labels = { 'kubeless.io/trigger-id': '0123456789abcdef' };
      for (const [index, name] of ['a', 'b', 'c'].entries()) {
        const one = pod(name);
        watch.changed({ after: { ...one, metadata: { ...one.metadata, labels } } });
        await questions.at(-1)?.answer();
        await clock.advance(1_700 * (index + 1));
      }
      await clock.advance(5_000);
      const due = questions.flatMap(({ at, wait }) =>
        wait === undefined ? [] : [(at + wait.seconds * 1000) % 50_000],
      );
      expect(due).to.have.lengthOf(3);
      expect(Math.max(...due) - Math.min(...due)).to.be.at.most(1_000);
    });

    it('asks at once when the readiness of its pod changes, and hears of the first question no more', async () => {
      const { clock, questions, news, watch, last } = scene();
      watch.changed({ after: pod('a') });
      await last().answer();
      await clock.advance(5_000);
      const first = last();
      watch.changed({ before: pod('a'), after: pod('a', { ready: true }) });
      expect(last().wait).to.equal(undefined);
      expect(first.wait?.signal.aborted).to.equal(true);
      await first.answer({ retrying: 7 });
      expect(news).to.have.lengthOf(1);
      await last().answer({ retrying: 8 });
      expect(watch.of([pod('a')])).to.have.nested.property('[0].status.retrying', 8);
      await clock.advance(5_000);
      expect(questions).to.have.lengthOf(4);
    });

    it('asks one that answers at once, whatever it is asked, every 5 s', async () => {
      const { clock, questions, watch, last } = scene();
      watch.changed({ after: pod('a') });
      for (let second = 0; second < 60; second++) {
        await last().answer();
        await clock.advance(1_000);
      }
      expect(questions).to.have.lengthOf(13);
    });

    it('keeps nothing of a pod that was deleted while it was asked', async () => {
      const { clock, news, watch, last } = scene();
      watch.changed({ after: pod('a') });
      watch.changed({ before: pod('a') });
      await last().answer();
      expect([watch.of([pod('a')]), watch.age([pod('a')])]).to.deep.equal([[], undefined]);
      watch.changed({ after: pod('b') });
      await last().answer();
      await clock.advance(5_000);
      watch.changed({ before: pod('b') });
      expect(last().wait?.signal.aborted).to.equal(true);
      await last().answer({ retrying: 1 });
      expect(watch.of([pod('b')])).to.deep.equal([]);
      expect(news).to.deep.equal(['b']);
    });

    const ending = pod('a');
    const ended: Readonly<Record<string, PodObject>> = {
      'was evicted': pod('a', { phase: 'Failed' }),
      'came to its end': pod('a', { phase: 'Succeeded' }),
      'is being deleted': { ...ending, metadata: { ...ending.metadata, deletionTimestamp: '2026-11-26T08:00:00Z' } },
    };
    for (const [what, after] of Object.entries(ended)) {
      it(`keeps nothing of a pod that ${what} and is still listed`, async () => {
        const { clock, questions, watch, last } = scene();
        watch.changed({ after: pod('a') });
        await last().answer({ connected: false, reason: 'BrokerUnreachable', why: 'nothing listens' });
        await clock.advance(5_000);
        watch.changed({ before: pod('a'), after });
        expect([watch.of([after]), watch.age([after])]).to.deep.equal([[], undefined]);
        expect(last().wait?.signal.aborted).to.equal(true);
        await last().answer();
        await clock.advance(120_000);
        expect([watch.of([after]), questions.length]).to.deep.equal([[], 2]);
      });
    }

    it('tells how old its oldest reading is', async () => {
      const { clock, watch, last } = scene();
      watch.changed({ after: pod('a') });
      await last().answer();
      await clock.advance(3_000);
      watch.changed({ after: pod('b') });
      await last().answer();
      await clock.advance(1_000);
      expect([watch.age([pod('b')]), watch.age([pod('a'), pod('b')])]).to.deep.equal([1_000, 4_000]);
    });

    it('leaves questions at a thousand at most', async () => {
      const { clock, questions, watch } = scene();
      for (let index = 0; index < 1_100; index++) watch.changed({ after: pod(`p${index}`) });
      for (let index = 0; index < 1_100; index++) await questions[index]?.answer();
      await clock.advance(5_000);
      expect(questions.filter(({ wait }) => wait !== undefined)).to.have.lengthOf(1_000);
    });
  });
});
