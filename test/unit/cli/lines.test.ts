import { expect } from 'chai';
import { deliveryLine, logLine, summaryLine } from '../../../cli/lines.ts';
import type { Attempt } from '../../../dispatcher/attempt.ts';

const NOW = new Date('2026-01-02T12:31:02.123Z');

function line(attempt: Partial<Attempt> = {}, payload: Buffer | string = '{"a":1}', key?: string): string {
  const record = {
    partition: 'persistent://public/default/t',
    position: '5:0',
    id: '5:0',
    time: 0,
    payload: Buffer.from(payload),
    attributes: {},
    ...(key !== undefined && { key }),
  };
  const delivered = { kind: 'delivered', status: 204 } as const;
  return deliveryLine(
    { name: 'hello' },
    { record, outcome: delivered, attempt: 1, took: 12.4, deadLetter: false, ...attempt },
    NOW,
  );
}

describe('deliveryLine', () => {
  it('says what was delivered', () => {
    expect(line({}, '{"a":1}', 'k')).to.equal('12:31:02.123 hello 5:0 key=k delivered 204 in 12ms {"a":1}');
    expect(line({ attempt: 3 })).to.include('delivered 204 at attempt 3 in 12ms');
    expect(line({ deadLetter: true })).to.include('dead-lettered 204');
  });

  it('says what failed, why and when it is tried again', () => {
    const outcome = {
      kind: 'retry',
      reason: 'ServiceUnavailable',
      message: 'The function answered 503',
      status: 503,
    } as const;
    expect(line({ outcome, retryIn: 1500 })).to.include('failed in 12ms: The function answered 503 (again in 1s500ms)');
    expect(line({ outcome: { ...outcome, kind: 'rejected' } })).to.include('rejected in 12ms');
    expect(line({ outcome })).to.include('(no further attempt)');
  });

  it('keeps payloads short, and the terminal as it is', () => {
    expect(line({}, 'x'.repeat(1000))).to.match(/ x{60}… 1000 bytes$/);
    expect(line({}, '😀'.repeat(60))).to.match(/(😀){60}$/u);
    expect(line({}, Buffer.from([0xff, 0xfe]))).to.match(/ 2 bytes$/);
    expect(line({}, 'a\u001b[31m\nb', '\u0007'))
      .to.include('key=\\u{7} ')
      .and.to.include('a\\u{1b}[31m\\u{a}b');
  });
});

describe('summaryLine', () => {
  const status = { delivered: 7, filtered: 0, deadLettered: 0, dropped: 0, failures: {}, records: 0 };

  it('counts what happened', () => {
    expect(summaryLine(status)).to.equal('7 delivered');
    const eventful = { ...status, filtered: 1, deadLettered: 2, dropped: 3, records: 4, failures: { Timeout: 5 } };
    expect(summaryLine(eventful)).to.equal(
      '7 delivered, 1 filtered out, 2 dead-lettered, 3 dropped, 4 given back undelivered; failed attempts: Timeout 5',
    );
  });
});

describe('logLine', () => {
  it('is for a person', () => {
    expect(logLine('{"level":"warn","time":"x","why":"no answer","retryIn":5,"msg":"not connected"}\n')).to.equal(
      'warn: not connected why=no answer retryIn=5',
    );
  });
});
