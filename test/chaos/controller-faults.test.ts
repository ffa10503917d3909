/** The controller's fault test with one seed, which has every fault; `npm run test:controller-faults` runs many seeds. */
import { expect } from 'chai';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { planControllerRun } from './controller-plan.ts';
import { runControllerFaults } from './controller-run.ts';

describe('the controller under faults', function () {
  this.timeout(400_000);
  const kubernetes = useKubernetes();

  it('leaves no Deployment missing, doubled or orphaned', async () => {
    const result = await runControllerFaults(kubernetes(), planControllerRun(1));
    console.log(`      ${result.ledger}`);
    expect(result.isGood, result.ledger).to.equal(true);
  });
});
