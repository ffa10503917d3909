import { expect } from 'chai';
import { type FunctionProcess, startFunction } from '../../bench/function-process.ts';

const HANG = 1000;
const faults = { share: 1, hang: HANG, prefix: 'faulty-', seed: 1 };

describe('the function of the benchmarks', () => {
  let fn: FunctionProcess;

  before(async () => {
    fn = await startFunction();
  });

  after(() => fn.stop());

  /** How one call ends: its status, or `reset`. */
  async function call(key: string): Promise<string> {
    const headers = { 'ce-partitionkey': key, 'event-id': 'memory:0:0' };
    try {
      const { status } = await fetch(fn.url, { method: 'POST', headers, body: 'x' });
      return String(status);
    } catch (error) {
      const { cause } = error as { readonly cause?: { readonly code?: string } }; // fetch's own error
      return cause?.code === 'ECONNRESET' ? 'reset' : String(error);
    }
  }

  async function callInTurn(key: string, times: number): Promise<string[]> {
    const ends: string[] = [];
    for (let i = 0; i < times; i += 1) ends.push(await call(key));
    return ends;
  }

  it('fails attempts in each of the three ways, and only those of the keys in trouble', async () => {
    await fn.behave({ faults });
    const took: number[] = [];
    const ends = new Set<string>();
    for (let i = 0; i < 12; i += 1) {
      const began = performance.now();
      ends.add(await call('faulty-1'));
      took.push(performance.now() - began);
    }
    expect(ends).eql(new Set(['503', 'reset']));
    // A timer of the other process may end a little before this one's.
    expect(Math.min(...took), 'at once').below(HANG - 5);
    expect(Math.max(...took), 'a hang').above(HANG - 5);
    expect(await call('healthy-1')).equals('200');
  });

  it('lets the seed decide which', async () => {
    await fn.behave({ faults: { ...faults, hang: 0, share: 0.5 } });
    const once = await callInTurn('faulty-1', 20);
    await fn.behave({ faults: { ...faults, hang: 0, share: 0.5 } });
    expect(await callInTurn('faulty-1', 20)).eql(once);
    await fn.behave({ faults: { ...faults, hang: 0, share: 0.5, seed: 2 } });
    expect(await callInTurn('faulty-1', 20)).not.eql(once);
  });

  it('counts what failed as refused, not as answered, and keeps it out of the ledger', async () => {
    const before = await fn.behave({ faults: { ...faults, hang: 0 }, ledger: true, fresh: true });
    await callInTurn('faulty-2', 6);
    const failed = await fn.report();
    expect(failed.refused - before.refused).equals(6);
    expect(failed.answered - before.answered).equals(0);
    expect(failed.answeredOf).not.property('faulty-2');
    await fn.behave({ ledger: true });
    expect(await call('faulty-2'), 'the same number as those that failed').equals('200');
    const delivered = await fn.report();
    expect(delivered.inversions - before.inversions).equals(0);
  });

  it('answers everything at once again when nothing is said of faults', async () => {
    await fn.behave({ faults });
    await fn.behave({});
    expect(await callInTurn('faulty-1', 5)).eql(['200', '200', '200', '200', '200']);
  });
});
