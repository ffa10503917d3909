/** Broken on purpose, so that the ledger is seen to find it: a run with a fault for each promise. */
import { expect } from 'chai';
import { memoryHarness } from '../conformance/memory-harness.ts';
import { Scenario } from '../conformance/scenario.ts';
import { keyed, late } from '../conformance/source.ts';
import { answer } from '../support/function-server.ts';
import { type Findings, isSound, summarise } from '../support/ledger.ts';
import { waitFor } from '../support/wait-for.ts';

const MUTANTS: readonly (readonly [string | undefined, readonly (keyof Findings)[]])[] = [
  [undefined, []],
  ['acks-early', ['lost']],
  ['forgets-keys', ['inversions', 'overlapping']],
  ['forgets-identity', ['confused']],
  ['doubles', ['concurrent']],
];

describe('ledger on a broken dispatcher', function () {
  this.timeout(60_000);
  for (const [mutant, broken] of MUTANTS) {
    it(`finds ${broken.join(' and ') || 'nothing'} when it ${mutant ?? 'is sound'}`, async () => {
      const scenario = await Scenario.open(memoryHarness(mutant), { partitions: 2 });
      try {
        const findings = await runWithFaults(scenario);
        expect(isSound(findings), summarise(findings)).to.equal(broken.length === 0);
        for (const name of broken) expect(findings[name], summarise(findings)).to.be.an('array').that.is.not.empty;
      } finally {
        await scenario.close();
      }
    });
  }
});

/** Attempts that fail and a dispatcher that is killed in the midst of its work. */
async function runWithFaults(scenario: Scenario): Promise<Findings> {
  scenario.behave(({ id, attempt }) =>
    late(4, Number(id.slice(1)) % 23 === 7 && attempt === 1 ? answer(500) : answer(200)),
  );
  await scenario.publish(keyed(400, 20));
  const first = await scenario.start();
  await waitFor(() => scenario.log.delivered.size > 100, { what: 'deliveries before the kill' });
  await first.kill();
  const { process } = await scenario.start();
  const isQuiet = async () => (await scenario.backlog()) === 0 && (await process.status()).records === 0;
  // A mutant may never acknowledge everything: then what it has done by now is judged.
  await waitFor(isQuiet, { timeout: 8_000, interval: 50, what: 'quiet' }).catch(() => {});
  return scenario.findings();
}
