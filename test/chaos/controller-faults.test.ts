/** The controller's fault test with a few seeds; `npm run test:controller-faults` runs many. */
import { expect } from 'chai';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { planControllerRun } from './controller-plan.ts';
import { runControllerFaults } from './controller-run.ts';

describe('the controller under faults', function () {
  this.timeout(400_000);
  const kubernetes = useKubernetes();

  for (const seed of [1, 2]) {
    it(`leaves no Deployment missing, doubled or orphaned with seed ${seed}`, async () => {
      const result = await runControllerFaults(kubernetes(), planControllerRun(seed));
      console.log(`      ${result.ledger}`);
      expect(result.isGood, result.ledger).to.equal(true);
    });
  }
});
