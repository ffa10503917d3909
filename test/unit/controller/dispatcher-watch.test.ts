import { expect } from 'chai';
import { createDispatcherWatch } from '../../../controller/dispatcher-watch.ts';
import type { PodObject } from '../../../controller/kube/objects.ts';
import type { DispatcherReading } from '../../../controller/status/observed.ts';
import { aDispatcherStatus } from '../../support/dispatcher-status.ts';
import { waitFor } from '../../support/wait-for.ts';

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
      expect(told).to.deep.equal(['a', 'c']);
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
});
