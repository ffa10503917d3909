/** How the dispatcher's program ends: told once, told twice, with work running, with work waiting, before it is connected. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { encodeTrigger } from '../../api/trigger.ts';
import { type PulsarHarness, pulsarHarness, pulsarTrigger } from '../conformance/pulsar-harness.ts';
import { Scenario } from '../conformance/scenario.ts';
import { keyed, late } from '../conformance/source.ts';
import { startDispatcherProcess } from '../support/dispatcher-process.ts';
import { freePort } from '../support/free-port.ts';
import { answer, hang } from '../support/function-server.ts';
import { waitFor } from '../support/wait-for.ts';

const CLEAN = { code: 0, signal: null };

describe('stopping a dispatcher', function () {
  this.timeout(60_000);
  const harness: PulsarHarness = pulsarHarness({ driver: 'websocket' });
  let scenario: Scenario;

  before(async function () {
    this.timeout(600_000);
    await harness.prepare?.();
  });

  describe('that is at work', () => {
    beforeEach(async () => {
      scenario = await Scenario.open(harness);
    });
    afterEach(() => scenario.close());

    it('waits for the calls that run, and repeats none of them', async () => {
      scenario.behave(() => late(700, answer(200)));
      await scenario.publish(keyed(100, 20));
      const dispatcher = await scenario.start();
      await openCalls(16);
      expect(await dispatcher.stop()).to.deep.equal(CLEAN);
      expect(scenario.log.open).to.equal(0);
      expect(scenario.log.delivered.size).to.be.within(16, 99);
      scenario.behave(() => answer(200));
      await scenario.start();
      await scenario.delivered();
      await scenario.judge({ duplicates: 0 });
    });

    it('does not wait for a retry that is far away; the record comes again', async () => {
      scenario.behave(({ id }) => answer(id === 'r5' ? 500 : 200));
      await scenario.publish(keyed(60, 10));
      const dispatcher = await scenario.start({ delivery: { retry: { initialDelay: '60s' } } });
      await waitFor(() => scenario.log.delivered.size === 54, { what: 'the other keys' });
      const stoppedAt = performance.now();
      expect(await dispatcher.stop()).to.deep.equal(CLEAN);
      expect(performance.now() - stoppedAt).to.be.below(3_000);
      scenario.behave(() => answer(200));
      await scenario.start();
      await scenario.delivered();
      await scenario.acknowledged();
      await scenario.judge({ duplicates: 0 });
    });

    it('waits for a call that hangs no longer than its time-out', async () => {
      scenario.behave(({ id }) => (id === 'r5' ? hang : answer(200)));
      await scenario.publish(keyed(20, 10));
      const dispatcher = await scenario.start({ delivery: { timeout: '2s' } });
      await openCalls(1);
      const stoppedAt = performance.now();
      expect(await dispatcher.stop()).to.deep.equal(CLEAN);
      expect(performance.now() - stoppedAt).to.be.below(5_000);
      scenario.behave(() => answer(200));
      await scenario.start();
      await scenario.delivered();
      await scenario.judge({ duplicates: 0 });
    });

    it('ends at once when told twice; what ran comes again', async () => {
      scenario.behave(({ dispatcher }) => (dispatcher === 'd1' ? hang : answer(200)));
      await scenario.publish(keyed(40, 10));
      const dispatcher = await scenario.start({ delivery: { timeout: '60s' } });
      await openCalls(10);
      const first = dispatcher.stop();
      await waitFor(() => dispatcher.process.output.includes('"stopping"'), { what: 'the first signal to be heard' });
      // A second signal that comes at once counts as the first.
      const again = setInterval(() => dispatcher.process.child.kill('SIGTERM'), 50);
      expect(await first).to.deep.equal({ code: 143, signal: null });
      clearInterval(again);
      await scenario.start();
      await scenario.delivered();
      await scenario.judge();
    });
  });

  describe('that is not connected', () => {
    const mute = new Set<Server>();
    afterEach(() => {
      for (const server of mute) server.close();
      mute.clear();
    });

    it('ends when nothing answers at the broker', async () => {
      expect(await stopWhileConnecting(await freePort())).to.deep.equal(CLEAN);
    });

    it('ends when the broker takes the connection and says nothing', async () => {
      const server = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
      mute.add(server);
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('listening: no port');
      const connected = once(server, 'connection');
      expect(await stopWhileConnecting(address.port, connected)).to.deep.equal(CLEAN);
    });
  });

  function openCalls(least: number): Promise<boolean> {
    const what = () => `${least} open calls, ${scenario.log.open} so far`;
    return waitFor(() => scenario.log.open >= least, { what });
  }
});

async function stopWhileConnecting(port: number, connecting?: Promise<unknown>) {
  const trigger = pulsarTrigger({
    pulsar: { topic: 'stopping', broker: `ws://127.0.0.1:${port}` },
    kubeless: { function: 'http://127.0.0.1:1' },
  });
  const dispatcher = startDispatcherProcess({ env: { TRIGGER: encodeTrigger(trigger) } });
  try {
    const isUnready = async () => (await dispatcher.get('/readyz')).code === 503;
    await waitFor(isUnready, { what: () => `probes\n${dispatcher.output}` });
    await connecting;
    const stoppedAt = performance.now();
    const exit = await dispatcher.kill('SIGTERM');
    expect(performance.now() - stoppedAt).to.be.below(3_000);
    return exit;
  } finally {
    await dispatcher.kill('SIGKILL');
  }
}
