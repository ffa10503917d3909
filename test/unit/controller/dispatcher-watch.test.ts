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
      pods: () => pods,
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
      pods: () => [],
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
      pods: () => [],
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

  it('asks nobody who cannot be asked, and nobody before it starts', async () => {
    let asked = 0;
    const watch = createDispatcherWatch({
      pods: () => [pod('a')],
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
