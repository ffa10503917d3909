/** The ledger must find each way in which a dispatcher can break its promises, and nothing in a sound history. */
import { expect } from 'chai';
import { type Call, type Findings, isSound, judge, summarise } from '../../support/ledger.ts';

const PUBLISHED = ['a1', 'a2', 'a3', 'b1'].map((id) => ({ id, lane: id.slice(0, 1) }));

describe('ledger', () => {
  it('finds nothing in a history where each record is delivered once, in order', () => {
    const findings = judgeCalls([ok('a1', 0, 1), ok('b1', 0, 5), ok('a2', 2, 3), ok('a3', 4, 5)]);
    expect(isSound(findings), summarise(findings)).to.equal(true);
    expect(findings).to.deep.include({ records: 4, calls: 4, delivered: 4, duplicates: 0 });
  });

  it('accepts failed attempts that are repeated before the next record of the lane', () => {
    const findings = judgeCalls([failed('a1', 0, 1), ok('a1', 2, 3), ok('a2', 4, 5), ok('a3', 6, 7), ok('b1', 0, 1)]);
    expect(isSound(findings), summarise(findings)).to.equal(true);
  });

  it('accepts a rewind that sends everything after it again', () => {
    const again = [ok('a1', 8, 9), ok('a2', 10, 11), ok('a3', 12, 13)];
    const findings = judgeCalls([ok('a1', 0, 1), ok('a2', 2, 3), ok('a3', 4, 5), ok('b1', 0, 1), ...again]);
    expect(isSound(findings), summarise(findings)).to.equal(true);
    expect(findings.duplicates).to.equal(3);
  });

  it('leaves out of account what a dead dispatcher still had open', () => {
    const calls = [
      { ...failed('a1', 0, 50), dispatcher: 'd0' },
      ok('a1', 11, 12),
      ok('a2', 13, 14),
      ok('a3', 15, 16),
      ok('b1', 0, 1),
    ];
    expect(isSound(judgeCalls(calls, new Map([['d0', 10]])))).to.equal(true);
    expect(judgeCalls(calls).concurrent).to.have.length(1);
  });

  it('promises no order for records without a lane', () => {
    const published = [{ id: 'x' }, { id: 'y' }];
    const findings = judge({ published, calls: [ok('y', 0, 1), ok('x', 2, 3)], deaths: new Map() });
    expect(isSound(findings)).to.equal(true);
  });

  const broken: [keyof Findings, string, Call[]][] = [
    ['lost', 'a record that was never sent', [ok('a1', 0, 1), ok('a2', 2, 3), ok('a3', 4, 5)]],
    ['lost', 'a record that was never accepted', [...sound(), failed('b1', 0, 1)]],
    ['inversions', 'a record that is overtaken', [ok('a2', 0, 1), ok('a1', 2, 3), ok('a3', 4, 5), ok('b1', 0, 1)]],
    [
      'inversions',
      'a retry after the next record',
      [failed('a1', 0, 1), ok('a2', 2, 3), ok('a1', 4, 5), ok('a3', 6, 7), ok('b1', 0, 1)],
    ],
    [
      'inversions',
      'a rewind that sends only the first again',
      [...sound(), ok('b1', 0, 1), ok('a1', 10, 11), ok('a2', 12, 13)],
    ],
    [
      'inversions',
      'an overtaking hidden behind a higher record that is sent again',
      [ok('a2', 0, 1), ok('a3', 1, 2), ok('a1', 3, 4), ok('a3', 5, 6), ok('b1', 0, 1)],
    ],
    ['concurrent', 'one record open twice', [...sound(), ok('b1', 0, 5), ok('b1', 3, 8)]],
    ['concurrent', 'one record open behind a long call', [...sound(), ok('b1', 0, 9), ok('b1', 1, 2), ok('b1', 5, 6)]],
    ['overlapping', 'two records of a lane at once', [ok('a1', 0, 3), ok('a2', 2, 4), ok('a3', 5, 6), ok('b1', 0, 1)]],
    ['confused', 'an event id that changes', [...sound(), failed('b1', 0, 1), { ...ok('b1', 2, 3), eventId: 'other' }]],
    ['confused', 'an event id of two records', [...sound(), { ...ok('b1', 0, 1), eventId: 'e-a1' }]],
    ['unknown', 'a record nobody published', [...sound(), ok('b1', 0, 1), ok('z9', 0, 1)]],
  ];
  for (const [finding, what, calls] of broken) {
    it(`finds ${what}`, () => {
      const findings = judgeCalls(calls);
      expect(findings[finding], summarise(findings)).to.be.an('array').that.is.not.empty;
      expect(isSound(findings)).to.equal(false);
      expect(summarise(findings)).to.contain(`  ${finding}: `);
    });
  }

  it('stays quick with 20,000 records of 200 lanes', () => {
    const published = Array.from({ length: 20_000 }, (_, n) => ({ id: `r${n}`, lane: `l${n % 200}` }));
    const calls = published.flatMap(({ id }, n) => [failed(id, n, n + 0.1), ok(id, n + 0.2, n + 0.3)]);
    const before = performance.now();
    expect(isSound(judge({ published, calls, deaths: new Map() }))).to.equal(true);
    expect(performance.now() - before).to.be.below(2000);
  });
});

function judgeCalls(calls: Call[], deaths = new Map<string, number>()): Findings {
  return judge({ published: PUBLISHED, calls, deaths });
}

function sound(): Call[] {
  return [ok('a1', 0, 1), ok('a2', 2, 3), ok('a3', 4, 5)];
}

function ok(id: string, start: number, end: number): Call {
  return { id, eventId: `e-${id}`, dispatcher: 'd1', start, end, delivered: true };
}

function failed(id: string, start: number, end: number): Call {
  return { ...ok(id, start, end), delivered: false };
}
