import { expect } from 'chai';
import { pino } from 'pino';
import { UnexpectedFailures } from '../../../dispatcher/unexpected.ts';

describe('UnexpectedFailures', () => {
  it('logs a cause once a minute, and each of several', () => {
    const lines: string[] = [];
    let now = 0;
    const failures = new UnexpectedFailures(pino({}, { write: (line: string) => lines.push(line) }), () => now);
    for (let i = 0; i < 1000; i++) failures.note('filtering a record', new Error('no such attribute'));
    failures.note('filtering a record', new Error('another'));
    expect(lines.length).to.equal(2);
    expect(lines[0]).to.include('filtering a record failed').and.include('no such attribute');
    now = 60_000;
    failures.note('filtering a record', new Error('another'));
    expect(lines.length).to.equal(3);
  });

  it('forgets causes rather than grow', () => {
    let logged = 0;
    const failures = new UnexpectedFailures(pino({}, { write: () => logged++ }), () => 0);
    for (let i = 0; i < 10_000; i++) failures.note('sending a record', new Error(`cause ${i}`));
    failures.note('sending a record', new Error('cause 0'));
    expect(logged).to.equal(10_001);
  });
});
