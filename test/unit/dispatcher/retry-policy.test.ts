import { expect } from 'chai';
import fc from 'fast-check';
import type { RetrySpec } from '../../../api/trigger.ts';
import type { Outcome } from '../../../dispatcher/outcome.ts';
import { createRetryPolicy } from '../../../dispatcher/retry-policy.ts';

const linear: RetrySpec = { policy: 'linear', initialDelay: 1000, maxDelay: 90_000, step: 5000, jitter: 0 };
const exponential: RetrySpec = { ...linear, policy: 'exponential' };
const failed: Outcome = { kind: 'retry', reason: 'ServiceUnavailable', message: 'The function answered 503' };
const rejected: Outcome = { kind: 'rejected', reason: 'BadRequest', message: 'The function answered 400' };

function delays(spec: RetrySpec, attempts: number, random = 0): number[] {
  const policy = createRetryPolicy(spec, () => random);
  return Array.from({ length: attempts }, (_, i) => {
    const decision = policy(i + 1, 0, failed);
    return 'delay' in decision ? decision.delay / 1000 : Number.NaN;
  });
}

describe('retry policy', () => {
  it('doubles, up to the longest delay', () => {
    expect(delays(exponential, 9)).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 90, 90]);
  });

  it('adds steps, up to the longest delay and never beyond', () => {
    const steps = Array.from({ length: 18 }, (_, i) => 1 + 5 * i);
    expect(delays(linear, 20)).to.deep.equal([...steps, 90, 90]);
  });

  it('takes off up to the share of jitter', () => {
    expect(delays({ ...exponential, jitter: 0.2 }, 2, 0)).to.deep.equal([1, 2]);
    expect(delays({ ...exponential, jitter: 0.2 }, 2, 0.5)).to.deep.equal([0.9, 1.8]);
  });

  it('stays finite after any number of attempts', () => {
    expect(createRetryPolicy(exponential, () => 0)(5000, 0, failed)).to.deep.equal({ delay: 90_000 });
  });

  it('waits for what Retry-After asks, when that is longer and at most the longest delay', () => {
    const policy = createRetryPolicy({ ...exponential, jitter: 1 }, () => 0.5);
    expect(policy(1, 0, { ...failed, retryAfter: 7000 })).to.deep.equal({ delay: 7000 });
    expect(policy(1, 0, { ...failed, retryAfter: 100 })).to.deep.equal({ delay: 500 });
    expect(policy(1, 0, { ...failed, retryAfter: 3_600_000 })).to.deep.equal({ delay: 90_000 });
  });

  it('treats a rejection that has nowhere to go like any failure', () => {
    expect(createRetryPolicy(linear, () => 0)(2, 0, rejected)).to.deep.equal({ delay: 6000 });
  });

  it('gives up after the last attempt', () => {
    const policy = createRetryPolicy({ ...linear, maxAttempts: 3 }, () => 0);
    expect(policy(2, 0, failed)).to.deep.equal({ delay: 6000 });
    expect(policy(3, 0, failed)).to.deep.equal({ giveUp: 'MaxAttempts' });
  });

  it('makes the last attempt when the age is reached, then gives up', () => {
    const policy = createRetryPolicy({ ...linear, maxAge: 10_000 }, () => 0);
    expect(policy(1, 8999, failed)).to.deep.equal({ delay: 1000 });
    expect(policy(2, 9000, { ...failed, retryAfter: 60_000 })).to.deep.equal({ delay: 1000 });
    expect(policy(2, 10_000, failed)).to.deep.equal({ giveUp: 'MaxAge' });
  });

  it('always waits between 0 and the longest delay', () => {
    const spec = fc.record({
      policy: fc.constantFrom('linear' as const, 'exponential' as const),
      initialDelay: fc.nat(100_000),
      maxDelay: fc.nat(100_000),
      step: fc.nat(10_000),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(spec, random, fc.integer({ min: 1, max: 10_000 }), fc.nat(1e9), (given, x, attempt, retryAfter) => {
        const decision = createRetryPolicy(given, () => x)(attempt, 0, { ...failed, retryAfter });
        expect(decision).to.have.property('delay').that.is.within(0, given.maxDelay);
      }),
    );
  });
});
