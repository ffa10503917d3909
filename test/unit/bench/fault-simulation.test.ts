import { expect } from 'chai';
import type { RetrySpec } from '../../../api/trigger.ts';
import { drawFault, type Fault } from '../../../bench/fault-plan.ts';
import { type FaultSimulationOptions, simulateFaults } from '../../../bench/fault-simulation.ts';
import { createRandom } from '../../chaos/schedule.ts';

const PAUSE = 100;
const retry: RetrySpec = { policy: 'linear', initialDelay: PAUSE, maxDelay: PAUSE, step: 0, jitter: 0 };
const none = () => undefined;
/** Every record's first `count` attempts end like this. */
const first =
  (count: number, fault: Fault): FaultSimulationOptions['fault'] =>
  (attempt) =>
    attempt <= count ? fault : undefined;

function rateOf(options: Partial<FaultSimulationOptions>): number {
  return simulateFaults({
    ...{ keys: 64, maxInFlight: 8, retry, cleanRate: 1000, hang: 500, fault: none, random: () => 0 },
    ...{ warmUp: 10_000, duration: 100_000 },
    ...options,
  });
}

/** With share `p` of all attempts, a third in each way. */
function drawn(p: number, seed: number): Pick<FaultSimulationOptions, 'fault' | 'random'> {
  const random = createRandom(seed);
  return { random, fault: () => drawFault({ share: p, hang: 500 }, random) };
}

describe('the simulation of transient failures', () => {
  it('reaches the clean rate when nothing fails, with any number of keys and slots', () => {
    for (const keys of [1, 2, 100]) {
      for (const maxInFlight of [1, 8, 256]) {
        expect(rateOf({ keys, maxInFlight }), `${keys} keys, ${maxInFlight} slots`).closeTo(1000, 1);
      }
    }
  });

  it('gives a function its latency: one call a key at a time, and no more calls than slots', () => {
    expect(rateOf({ latency: 9, keys: 1 }), 'one key').closeTo(1000 / (1 + 9), 0.1);
    expect(rateOf({ latency: 99, keys: 4 }), 'fewer keys than slots').closeTo(4 * 10, 0.5);
    expect(rateOf({ latency: 99, keys: 64 }), 'as many as slots').closeTo(8 * 10, 0.5);
  });

  it('has one key wait for each of its failures', () => {
    const cycle = (calls: number, waits: number) => 1000 / (calls * 1 + waits);
    expect(rateOf({ keys: 1, fault: first(1, 'refuse') })).closeTo(cycle(2, PAUSE), 0.1);
    expect(rateOf({ keys: 1, fault: first(1, 'reset') })).closeTo(cycle(2, PAUSE), 0.1);
    expect(rateOf({ keys: 1, fault: first(3, 'hang') })).closeTo(cycle(4, 3 * (PAUSE + 500)), 0.1);
  });

  it('comes to the mean cycle of one key whose attempts fail at random', () => {
    const p = 0.3;
    const failures = p / (1 - p);
    const cycle = 1 / (1 - p) + failures * (PAUSE + 500 / 3);
    expect(rateOf({ keys: 1, duration: 10_000_000, ...drawn(p, 1) })).closeTo(1000 / cycle, (1000 / cycle) * 0.02);
  });

  it('counts every attempt on the processor', () => {
    expect(rateOf({ keys: 1000, maxInFlight: 64, fault: first(1, 'refuse') })).closeTo(1000 / 2, 5);
  });

  it('lets keys go on while others pause, without a slot', () => {
    // Both keys would get one record in 102 ms; pauses that held the only slot would make it 204.
    expect(rateOf({ keys: 2, maxInFlight: 1, fault: first(1, 'refuse') })).closeTo(2 * (1000 / 102), 0.5);
  });

  it('is bound by slots over the mean time that a call holds one', () => {
    const p = 0.3;
    const rate = rateOf({
      ...{ keys: 2000, maxInFlight: 32, cleanRate: 100_000, duration: 500_000 },
      ...drawn(p, 2),
    });
    // Second and later attempts are fewer than half of all, so that their own bound isn't reached.
    const bound = (32 / ((p / 3) * 500)) * 1000 * (1 - p);
    expect(rate).closeTo(bound, bound * 0.02);
  });

  it('gives half of the slots to attempts after the first, and no more', () => {
    const slots = { keys: 2000, maxInFlight: 32, cleanRate: 1_000_000, hang: 0, latency: 100 };
    // One failure a record: as many first attempts as later ones. Two: two of three wait for one half of the slots.
    expect(rateOf({ ...slots, fault: first(1, 'refuse') }), 'one failure').closeTo(32 / 0.1 / 2, 3);
    expect(rateOf({ ...slots, fault: first(2, 'refuse') }), 'two failures').closeTo(16 / 0.1 / 2, 3);
    expect(rateOf({ ...slots, keys: 8, maxInFlight: 1, fault: first(1, 'refuse') }), 'the only slot').closeTo(
      1 / 0.1 / 2,
      0.1,
    );
  });

  it('pauses as the retry policy says, jitter included', () => {
    const doubling: RetrySpec = { policy: 'exponential', initialDelay: 100, maxDelay: 250, step: 0, jitter: 0.5 };
    const options = { keys: 1, retry: doubling, fault: first(3, 'refuse') };
    expect(rateOf(options), 'no jitter drawn').closeTo(1000 / (4 + 100 + 200 + 250), 0.1);
    expect(rateOf({ ...options, random: () => 0.5 }), 'half of it').closeTo(1000 / (4 + 75 + 150 + 187.5), 0.1);
  });

  it('goes on with the next record when the policy gives one up, which is not a delivery', () => {
    const fault = first(2, 'refuse');
    expect(rateOf({ keys: 1, retry: { ...retry, maxAttempts: 2 }, fault })).equals(0);
    let failing = 0;
    // Every other record fails for ever.
    const alternating = (attempt: number) => {
      if (attempt === 1) failing = 1 - failing;
      return failing === 1 ? 'refuse' : undefined;
    };
    const given = rateOf({ keys: 1, retry: { ...retry, maxAttempts: 2 }, fault: alternating });
    expect(given).closeTo(1000 / (3 + PAUSE), 0.1);
  });

  it('is decided by its seed', () => {
    const once = () => rateOf({ retry: { ...retry, jitter: 0.2 }, ...drawn(0.1, 7) });
    expect(once()).equals(once());
    expect(rateOf({ retry: { ...retry, jitter: 0.2 }, ...drawn(0.1, 8) })).not.equals(once());
  });
});

describe('the plan of transient failures', () => {
  it('spreads the share evenly over the three faults', () => {
    const random = createRandom(1);
    const counts = { refuse: 0, reset: 0, hang: 0, none: 0 };
    for (let i = 0; i < 300_000; i += 1) counts[drawFault({ share: 0.03, hang: 1500 }, random) ?? 'none'] += 1;
    for (const fault of ['refuse', 'reset', 'hang'] as const) expect(counts[fault], fault).closeTo(3000, 250);
  });

  it('never fails with a share of 0, and always with 1', () => {
    for (const drawn of [0, 0.5, 1 - 2 ** -32]) {
      expect(drawFault({ share: 0, hang: 1 }, () => drawn)).equals(undefined);
      expect(drawFault({ share: 1, hang: 1 }, () => drawn)).not.equals(undefined);
    }
  });
});
