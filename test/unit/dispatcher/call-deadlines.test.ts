import { expect } from 'chai';
import { CallDeadlines, DeadlineError } from '../../../dispatcher/call-deadlines.ts';
import { waitFor } from '../../support/wait-for.ts';

const now = () => performance.now();
const NOBODY = { fulfilled() {}, rejected() {} };

describe('CallDeadlines', () => {
  it('aborts every call at its own deadline, within 10 ms of what a timer of its own would do', async () => {
    const deadlines = new CallDeadlines<number, string>(60, now, NOBODY);
    const late: number[] = [];
    for (let item = 0; item < 20; item++) {
      const call = deadlines.begin(item);
      let bare = Number.NaN;
      setTimeout(() => {
        bare = now();
      }, 60);
      call.signal.addEventListener('abort', async () => {
        const aborted = now();
        expect(aborted - call.startedAt).least(60);
        expect(call.signal.reason).instanceOf(DeadlineError);
        await waitFor(() => !Number.isNaN(bare), { what: 'the bare timer' });
        late.push(aborted - bare);
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor(() => late.length === 20, { what: 'twenty aborts' });
    expect(Math.max(...late)).most(10);
    expect(deadlines.size, 'they run until they are ended').equals(20);
    deadlines.close();
  });

  it('leaves alone what has ended, whose controller the next call gets', async () => {
    const deadlines = new CallDeadlines<string, string>(20, now, NOBODY);
    const [ended, running] = [deadlines.begin('ended'), deadlines.begin('running')];
    deadlines.end(ended);
    const [kept, aborted] = [ended.signal, running.signal];
    await waitFor(() => aborted.aborted, { what: 'the abort' });
    expect(kept.aborted).equals(false);
    deadlines.end(running);
    expect(deadlines.size).equals(0);
    const signals = [deadlines.begin('next').signal, deadlines.begin('one more').signal];
    expect(signals).include(kept);
    expect(signals, 'an aborted one is never used again').not.include(aborted);
    deadlines.close();
  });

  it('aborts those that are asked for, with the reason', () => {
    const deadlines = new CallDeadlines<string, string>(60_000, now, NOBODY);
    const [a, b] = [deadlines.begin('a'), deadlines.begin('b')];
    const reason = new Error('lost');
    deadlines.abort(reason, (item) => item === 'a');
    expect(a.signal.reason).equals(reason);
    expect(b.signal.aborted).equals(false);
    expect(deadlines.items()).eql(['a', 'b']);
    deadlines.close();
  });

  it('tells what becomes of each call, of those too that use an object again', async () => {
    const told: unknown[] = [];
    const deadlines: CallDeadlines<string, string> = new CallDeadlines(60_000, now, {
      fulfilled(call, result) {
        told.push([call.item, result]);
        deadlines.end(call);
      },
      rejected(call, reason) {
        told.push([call.item, reason]);
        deadlines.end(call);
      },
    });
    deadlines.settles(deadlines.begin('a'), Promise.resolve('good'));
    await waitFor(() => told.length === 1, { what: 'the first' });
    deadlines.settles(deadlines.begin('b'), Promise.reject('bad'));
    deadlines.settles(deadlines.begin('c'), Promise.resolve('good'));
    await waitFor(() => told.length === 3, { what: 'the others' });
    expect(told).eql([
      ['a', 'good'],
      ['b', 'bad'],
      ['c', 'good'],
    ]);
    expect(deadlines.size).equals(0);
    deadlines.close();
  });
});
