import { expect } from 'chai';
import { deliveryWithDefaults } from '../../../api/defaults.ts';
import { benchTrigger } from '../../../bench/trigger.ts';

describe('the trigger of the benchmarks', () => {
  it('delivers as the product does where nothing is said, but for what a measurement varies', () => {
    for (const maxInFlight of [1, 32, 256]) {
      const defaults = deliveryWithDefaults({ maxInFlight });
      expect(benchTrigger('http://127.0.0.1:1/', { maxInFlight }).delivery).eql(defaults);
      const varied = benchTrigger('http://127.0.0.1:1/', { maxInFlight, timeout: 7 });
      expect(varied.delivery).eql({ ...defaults, timeout: 7 });
    }
  });
});
