/** Passing failures cost what order per key, slots and pauses cost, and no more. */
import { expect } from 'chai';
import { deliveryWithDefaults } from '../../../api/defaults.ts';
import { simulateFaults } from '../../../bench/fault-simulation.ts';
import { createRandom } from '../../chaos/schedule.ts';
import { simulateLanes } from './lanes-simulation.ts';

const HANG = 1500;
const TIME = { warmUp: 20_000, duration: 20_000 };

describe('Lanes under passing failures', function () {
  this.timeout(60_000);
  const shapes = [
    { maxInFlight: 32, keys: 100 },
    { maxInFlight: 32, keys: 256 },
    { maxInFlight: 32, keys: 40 },
    { maxInFlight: 64, keys: 100 },
    { maxInFlight: 256, keys: 100 },
  ];
  for (const { maxInFlight, keys } of shapes) {
    it(`reach nine tenths of the bound with ${keys} keys and maxInFlight ${maxInFlight}`, () => {
      const delivery = deliveryWithDefaults({ maxInFlight });
      const random = createRandom(1);
      const bound = simulateFaults({
        ...TIME,
        ...{ keys, maxInFlight, retry: delivery.retry, cleanRate: 8000, hang: HANG, random },
        fault: () => {
          const drawn = random();
          return drawn < 0.01 ? 'refuse' : drawn < 0.02 ? 'reset' : drawn < 0.03 ? 'hang' : undefined;
        },
      });
      const rate = simulateLanes({
        ...TIME,
        ...{ delivery, keys, cleanRate: 8000, random: createRandom(2) },
        answer: (draw) => {
          const drawn = draw();
          return { fails: drawn < 0.03, after: drawn < 0.01 ? HANG : 0 };
        },
      });
      expect(rate / bound).to.be.above(0.9);
    });
  }

  it('pay for slow calls that succeed with their slots alone', () => {
    const delivery = deliveryWithDefaults({ maxInFlight: 64 });
    const rate = simulateLanes({
      ...TIME,
      ...{ delivery, keys: 100, cleanRate: 8000, random: createRandom(3) },
      answer: (draw) => ({ fails: false, after: draw() < 0.01 ? HANG : 0 }),
    });
    // 64 slots, of which a call takes 15 ms on average.
    expect(rate).to.be.above(0.9 * (64 / 0.0151));
  });
});
