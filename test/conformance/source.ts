/** What every source must do, whatever its technology: the same behaviours, run on each by a harness. */
import { expect } from 'chai';
import { answer, closeMidHead, hang, type Reply, reset } from '../support/function-server.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Capabilities, OutRecord, SourceHarness } from './harness.ts';
import { describeRestarts } from './restarts.ts';
import { Scenario, type ScenarioOptions } from './scenario.ts';

export type OpenScenario = (options?: ScenarioOptions) => Promise<Scenario>;

/**
 * Declares the suite. Mocha's own `describe.only` and the like apply to it as to any other. `brief` leaves out what doesn't
 * depend on how the program was started: failing functions, a full buffer, and what only some sources can.
 */
export function describeSource(name: string, harness: SourceHarness, { brief = false } = {}): void {
  describe(`source ${name}`, function () {
    this.timeout(90_000);
    const scenarios: Scenario[] = [];
    const open: OpenScenario = async (options) => {
      const scenario = await Scenario.open(harness, options);
      scenarios.push(scenario);
      return scenario;
    };
    before(async function () {
      this.timeout(600_000);
      await harness.prepare?.();
    });
    afterEach(async () => {
      await Promise.all(scenarios.splice(0).map((scenario) => scenario.close()));
    });
    after(async () => harness.close?.());

    describeDelivery(open);
    if (!brief) {
      describeFailingFunction(open);
      describeBrokenParts(open);
      describeBounds(open);
      if (harness.can.producerBatches) describeBatches(open);
    }
    describeRestarts(open, brief ? PLAIN : harness.can);
  });
}

/** What every source can. */
const PLAIN: Capabilities = { producerBatches: false, keyShared: false, restartBroker: false };

function describeDelivery(open: OpenScenario): void {
  it('delivers every record once, with a key or without, and acknowledges it', async () => {
    const scenario = await open({ partitions: 4 });
    await scenario.publish([...keyed(300, 20), ...unkeyed(100)]);
    await scenario.start();
    await scenario.delivered();
    await scenario.acknowledged();
    await scenario.judge({ duplicates: 0 });
  });

  it('keeps the order of each key while many run at once', async () => {
    const scenario = await open();
    let most = 0;
    scenario.behave(({ id }) => {
      most = Math.max(most, scenario.log.open);
      return late(Number(id.replace(/\D/g, '')) % 7, answer(200));
    });
    await scenario.publish(keyed(600, 12));
    await scenario.start();
    await scenario.delivered();
    await scenario.judge({ duplicates: 0 });
    expect(most).to.be.within(4, 12);
  });

  it('keeps the order of each key when attempts fail, and lets other keys pass', async () => {
    const scenario = await open({ partitions: 2 });
    let isStuck = true;
    scenario.behave(({ id, attempt }) => {
      if (id === 'r0') return isStuck ? answer(500) : answer(200);
      return Number(id.slice(1)) % 25 === 0 && attempt < 3 ? answer(500) : answer(200);
    });
    const records = keyed(300, 10);
    await scenario.publish(records);
    await scenario.start();
    await scenario.delivered(records.filter(({ key }) => key !== 'k0').map(({ id }) => id));
    expect(scenario.log.delivered.has('r0')).to.equal(false);
    expect(scenario.log.attempts('r10'), 'a record behind the one that fails').to.equal(0);
    isStuck = false;
    await scenario.delivered();
    await scenario.judge({ duplicates: 0 });
  });

  it('begins with what was there before the subscription when told to start at the earliest', async () => {
    const scenario = await open();
    await scenario.publish(keyed(50, 5));
    await scenario.start({ initialPosition: 'earliest' });
    await scenario.delivered();
    await scenario.judge({ duplicates: 0 });
  });

  it('leaves out what was there before the subscription when told to start at the latest', async () => {
    const before = await open();
    await before.publish(keyed(20, 5, 'old'));
    await before.start({ initialPosition: 'latest' });
    const fresh = keyed(20, 5, 'new');
    await before.publish(fresh);
    await before.delivered(fresh.map(({ id }) => id));
    await before.acknowledged();
    expect([...before.log.delivered].filter((id) => id.startsWith('old'))).to.deep.equal([]);
  });

  it('tells how far behind it is', async () => {
    const scenario = await open({ partitions: 2 });
    scenario.behave(() => answer(503));
    await scenario.publish(keyed(60, 6));
    const { process } = await scenario.start();
    const lag = await waitFor(
      async () => {
        const status = (await process.status()) as { lag?: { known: boolean; records?: number } };
        return status.lag?.known ? status.lag.records : undefined;
      },
      { what: 'the lag to be known' },
    );
    expect(lag).to.equal(60);
  });
}

function describeFailingFunction(open: OpenScenario): void {
  const failures: [string, Reply][] = [
    ['answers 500', answer(500)],
    ['answers 503 with Retry-After', answer(503, { 'retry-after': '1' })],
    ['answers 400', answer(400)],
    ['answers 404', answer(404)],
    ['answers 429', answer(429)],
    ['hangs', hang],
    ['resets the connection', reset],
    ['closes the connection in the middle of its answer', closeMidHead],
  ];
  for (const [what, reply] of failures) {
    it(`loses nothing when the function ${what}`, async () => {
      const scenario = await open({ partitions: 2 });
      scenario.behave(({ id, attempt }) => (isChosen(id) && attempt === 1 ? reply : answer(200)));
      await scenario.publish(keyed(60, 6));
      // Where nothing hangs, a stall of the machine isn't to look like it.
      await scenario.start({ delivery: { timeout: reply === hang ? '300ms' : '30s' } });
      await scenario.delivered();
      await scenario.acknowledged();
      const findings = await scenario.judge({ duplicates: 0 });
      expect(findings.calls).to.equal(60 + 12);
    });
  }
}

function describeBrokenParts(open: OpenScenario): void {
  it('goes on, in order, when its sink throws instead of answering', async () => {
    const scenario = await open({ partitions: 2 });
    await scenario.publish(keyed(60, 6));
    const { process } = await scenario.start({ fault: 'sink-throws' });
    await scenario.delivered();
    await scenario.acknowledged();
    await scenario.judge({ duplicates: 0 });
    expect((await process.status()).failures).to.deep.equal({ SinkFailed: 60 });
  });

  it('goes on after a pause when reads fail, and tells the reason once', async () => {
    const scenario = await open({ partitions: 2 });
    await scenario.publish(keyed(60, 6));
    const { process } = await scenario.start({ fault: 'read-rejects', unready: true });
    await scenario.delivered();
    await scenario.acknowledged();
    await scenario.judge({ duplicates: 0 });
    const told = process.output.split('\n').filter((line) => line.includes('reading from the source failed'));
    expect(told.length, process.output).to.equal(1);
  });
}

function describeBounds(open: OpenScenario): void {
  it('holds no more than its buffer while the function never answers, and goes on when it does', async () => {
    const scenario = await open({ partitions: 2 });
    let isHanging = true;
    scenario.behave(() => (isHanging ? hang : answer(200)));
    const records = keyed(2000, 50).map((record) => ({ ...record, size: 4096 }));
    const { process } = await scenario.start({
      delivery: { timeout: '1s', maxInFlight: 8, buffer: { records: 100, bytes: '1Mi' } },
    });
    await scenario.publish(records);
    let most = 0;
    await waitFor(
      async () => {
        const status = await process.status();
        most = Math.max(most, status.records);
        expect(status.bytes).to.be.below(2 * 1024 * 1024);
        return scenario.log.calls.length >= 24;
      },
      { what: 'the calls to time out', timeout: 20_000 },
    );
    expect(most).to.be.within(50, 200);
    isHanging = false;
    await scenario.delivered(undefined, 60_000);
    await scenario.judge({ duplicates: 0 });
  });
}

function describeBatches(open: OpenScenario): void {
  for (const batch of [1, 100]) {
    it(`delivers producer batches of ${batch}, one record failing inside`, async () => {
      const scenario = await open();
      scenario.behave(({ id, attempt }) => (id === 'r42' && attempt < 4 ? answer(500) : answer(200)));
      await scenario.publish(keyed(400, 20), { batch });
      await scenario.start();
      await scenario.delivered();
      await scenario.acknowledged();
      const findings = await scenario.judge({ duplicates: 0 });
      expect(findings.calls).to.equal(400 + 3);
    });
  }
}

/** Records `r0`, `r1`, … in turn over the keys `k0`, `k1`, …. */
export function keyed(count: number, keys: number, prefix = 'r'): OutRecord[] {
  return Array.from({ length: count }, (_, n) => ({ id: `${prefix}${n}`, key: `k${n % keys}` }));
}

export function late(milliseconds: number, reply: Reply): Reply {
  return (response) => void setTimeout(() => reply(response), milliseconds);
}

function unkeyed(count: number): OutRecord[] {
  return Array.from({ length: count }, (_, n) => ({ id: `u${n}` }));
}

function isChosen(id: string): boolean {
  return Number(id.slice(1)) % 5 === 0;
}
