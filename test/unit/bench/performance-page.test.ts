import { expect } from 'chai';
import { renderPerformance } from '../../../bench/performance-page.ts';

const result = {
  title: 'First',
  how: 'Measured so.',
  rows: [{ loop: 'a', rate: 1 }],
  checks: [{ what: 'rate', target: '≥ 1', measured: '1', holds: true }],
};
const machine = { processor: 'P', cores: 2, memory: '1 GiB', system: 'S', node: 'v24', undici: '7' };
const stored = { ...result, suite: 'first', date: '2026-11-26T00:00:00.000Z', quick: false, machine };

describe('the page of figures', () => {
  it('has a section for each table of a suite, with its own sentences, rows and checks', () => {
    const also = [
      {
        ...{ title: 'Second', how: 'Measured otherwise.', rows: [{ keys: 7 }] },
        checks: [{ what: 'share', target: '≥ 2', measured: '1', holds: false }],
      },
    ];
    const page = renderPerformance([{ ...stored, also }]);
    const second = page.slice(page.indexOf('## Second'));
    expect(page.indexOf('## First')).within(1, page.indexOf('## Second'));
    expect(second).contains('Measured otherwise. (2026-11-26)').and.contains('| 7 |');
    expect(second).contains('✗ share: **1** (target ≥ 2)');
  });

  it('says of every table of a quick run that it is one', () => {
    const page = renderPerformance([{ ...stored, quick: true, also: [{ ...result, title: 'Second' }] }]);
    expect(page.split('not representative')).lengthOf(3);
  });
});
