/** What every source must do when dispatchers and brokers come and go. */
import { expect } from 'chai';
import { answer, hang } from '../support/function-server.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Capabilities } from './harness.ts';
import type { Scenario } from './scenario.ts';
import { keyed, late, type OpenScenario } from './source.ts';

export function describeRestarts(open: OpenScenario, can: Capabilities): void {
  it('sends what a killed dispatcher had in hand again, under the same identity', async () => {
    const scenario = await open({ partitions: 2 });
    scenario.behave(({ id }) => (Number(id.slice(1)) % 10 === 3 ? hang : answer(200)));
    await scenario.publish(keyed(200, 20));
    const first = await scenario.start();
    await openCalls(scenario, 2);
    await first.kill();
    scenario.behave(() => answer(200));
    await scenario.start();
    await scenario.delivered();
    await scenario.acknowledged();
    const findings = await scenario.judge();
    expect(scenario.log.attempts('r3'), 'attempts of a record that was in hand').to.be.at.least(2);
    expect(findings.duplicates).to.be.below(200);
  });

  it('loses and repeats nothing over a graceful restart', async () => {
    const scenario = await open({ partitions: 2 });
    scenario.behave(({ id, attempt }) =>
      late(10, Number(id.slice(1)) % 11 === 0 && attempt < 3 ? answer(500) : answer(200)),
    );
    await scenario.publish(keyed(600, 30));
    for (const least of [50, 250]) {
      const dispatcher = await scenario.start();
      const isAtWork = () => scenario.log.delivered.size >= least && scenario.log.open > 0;
      await waitFor(isAtWork, { what: `${least} deliveries, and open calls` });
      expect(await dispatcher.stop()).to.deep.equal({ code: 0, signal: null });
    }
    await scenario.start();
    await scenario.delivered();
    await scenario.acknowledged();
    await scenario.judge({ duplicates: 0 });
  });

  it('shares four partitions between two replicas, and gives all to the one that stays', async () => {
    const scenario = await open({ partitions: 4 });
    scenario.behave(() => late(5, answer(200)));
    const [first, second] = [await scenario.start(), await scenario.start()];
    await share(scenario, 'a');
    expect(scenario.calls(first)).to.be.above(20);
    expect(scenario.calls(second)).to.be.above(20);
    await first.stop();
    await scenario.publish(keyed(200, 40, 'c'));
    await scenario.delivered();
    await scenario.acknowledged();
    await scenario.judge();
  });

  if (can.keyShared) {
    it('shares the keys of a plain topic between two replicas', async () => {
      const scenario = await open();
      scenario.behave(() => late(5, answer(200)));
      const [first, second] = [await scenario.start({ keyShared: true }), await scenario.start({ keyShared: true })];
      await share(scenario, 'a');
      expect(scenario.calls(first)).to.be.above(20);
      expect(scenario.calls(second)).to.be.above(20);
      await scenario.acknowledged();
      await scenario.judge();
    });
  }

  it('has a standby of a plain topic take over within 5 s', async () => {
    const scenario = await open();
    const dispatchers = [await scenario.start(), await scenario.start()];
    await scenario.publish(keyed(50, 5));
    await scenario.delivered();
    const active = dispatchers.find((dispatcher) => scenario.calls(dispatcher) > 0);
    const killedAt = performance.now();
    await active?.kill();
    await scenario.publish(keyed(50, 5, 's'));
    await scenario.delivered();
    expect(performance.now() - killedAt).to.be.below(5_000);
    await scenario.acknowledged();
    await scenario.judge();
  });

  if (can.restartBroker) {
    it('outlives a restart of the broker with records in hand', async function () {
      this.timeout(240_000);
      const scenario = await open({ partitions: 2, ownBroker: true });
      let isBack = false;
      scenario.behave(({ id }) => {
        if (!isBack && Number(id.slice(1)) % 10 === 3) return answer(500);
        return late(5, answer(200));
      });
      await scenario.publish(keyed(400, 20));
      const { process } = await scenario.start();
      await waitFor(() => scenario.log.delivered.size > 50, { what: 'some deliveries' });
      await scenario.restartBroker();
      isBack = true;
      await process.ready(120_000);
      await scenario.publish(keyed(100, 20, 't'));
      await scenario.delivered(undefined, 60_000);
      await scenario.acknowledged();
      await scenario.judge();
    });
  }
}

/** Publishes in small lots until both of two dispatchers have had their share. */
async function share(scenario: Scenario, prefix: string): Promise<void> {
  const [first, second] = scenario.dispatchers;
  for (let lot = 0; lot < 10; lot++) {
    await scenario.publish(keyed(200, 40, `${prefix}${lot}-`));
    await scenario.delivered();
    if (first && second && scenario.calls(first) > 20 && scenario.calls(second) > 20) return;
  }
}

async function openCalls(scenario: Scenario, least: number): Promise<void> {
  await waitFor(() => scenario.log.open >= least, { what: `${least} open calls` });
}
