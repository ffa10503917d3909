import { expect } from 'chai';
import { createRounds, type Rounds } from '../../../controller/rounds.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('rounds', () => {
  let rounds: Rounds | undefined;

  afterEach(() => rounds?.stop());

  it('visit everything in turn, the first at once, and begin anew with what there is then', async () => {
    let items = ['a', 'b', 'c'];
    const visits: string[] = [];
    rounds = createRounds({ items: () => items, length: () => 100, visit: (item) => visits.push(item) });
    rounds.start();
    expect(visits).to.deep.equal(['a']);
    items = ['d'];
    await waitFor(() => visits.includes('d'), { what: 'the second round' });
    expect(visits.slice(0, 4)).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('spread their visits over the whole time', async () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    const batches: number[] = [];
    let since = 0;
    const tally = () => {
      if (since > 0) batches.push(since);
      since = 0;
    };
    rounds = createRounds({
      items: () => items,
      length: (count) => count * 10,
      visit() {
        if (since === 0) setImmediate(tally);
        since += 1;
      },
    });
    rounds.start();
    await waitFor(() => batches.reduce((sum, each) => sum + each, 0) >= 100, { what: 'a whole round' });
    // A stall of the machine may make one of them large.
    expect(batches.length, `visits made together: ${batches}`).to.be.above(10);
  });

  it('end when they are stopped, and wait where there is nothing to visit', async () => {
    let asked = 0;
    const visits: string[] = [];
    rounds = createRounds({
      items() {
        asked += 1;
        return asked > 2 ? ['late'] : [];
      },
      length: () => 5,
      visit: (item) => visits.push(item),
    });
    rounds.start();
    await waitFor(() => visits.length > 0, { what: 'something to visit' });
    rounds.stop();
    const seen = asked;
    // Begun later, another one would come second each time.
    let others = 0;
    const count = () => {
      others += 1;
    };
    rounds = createRounds({ items: () => ['other'], length: () => 5, visit: count });
    rounds.start();
    await waitFor(() => others > 5, { what: 'another one to go on' });
    expect(asked).to.equal(seen);
  });
});
