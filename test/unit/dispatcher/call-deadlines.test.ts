import { expect } from 'chai';
import { CallDeadlines, DeadlineError } from '../../../dispatcher/call-deadlines.ts';
import { waitFor } from '../../support/wait-for.ts';

const now = () => performance.now();

describe('CallDeadlines', () => {
  it('aborts every call at its own deadline, within 10 ms of what a timer of its own would do', async () => {
    const deadlines = new CallDeadlines<number>(60, now);
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
    const deadlines = new CallDeadlines<string>(20, now);
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
    const deadlines = new CallDeadlines<string>(60_000, now);
    const [a, b] = [deadlines.begin('a'), deadlines.begin('b')];
    const reason = new Error('lost');
    deadlines.abort(reason, (item) => item === 'a');
    expect(a.signal.reason).equals(reason);
    expect(b.signal.aborted).equals(false);
    expect(deadlines.items()).eql(['a', 'b']);
    deadlines.close();
  });
});
