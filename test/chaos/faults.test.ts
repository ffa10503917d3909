/** The fault test with a few seeds; `npm run test:faults` runs many. */
import { expect } from 'chai';
import { type PulsarServer, startPulsar } from '../servers/pulsar/index.ts';
import { runFaults } from './run.ts';
import { planRun } from './schedule.ts';

const RECORDS = 20_000;

describe('delivery under faults', function () {
  this.timeout(300_000);
  let pulsar: PulsarServer | undefined;
  before(async () => {
    pulsar = await startPulsar();
  });
  after(() => pulsar?.stop());

  for (const seed of [1, 2]) {
    it(`loses, overtakes and doubles nothing with seed ${seed}`, async () => {
      if (pulsar === undefined) throw new Error('running faults: Pulsar is not there');
      const result = await runFaults(pulsar, planRun(seed, RECORDS));
      console.log(`      ${result.ledger}`);
      expect(result.isGood, result.ledger).to.equal(true);
    });
  }
});
