/** `npm start`: a real Pulsar, a sample function and a trigger between them, until Ctrl-C. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { parseTrigger, type Trigger } from '../api/trigger.ts';
import { messageOf } from '../common/errors.ts';
import { createLogger } from '../common/logger.ts';
import { Secret } from '../common/secret.ts';
import { onShutdown } from '../common/shutdown.ts';
import { createDispatcher } from '../dispatcher/dispatcher.ts';
import { createSecretFiles } from '../dispatcher/sources/secrets.ts';
import type { PulsarEndpoint } from '../test/servers/pulsar/index.ts';
import { sharedPulsar, stopSharedPulsar } from '../test/servers/pulsar/shared.ts';
import { startSampleFunction } from './demo-function.ts';
import { createDemoProducer } from './demo-producer.ts';
import { createPrettyReport } from './report.ts';
import { processTerminal } from './terminal.ts';

const EXAMPLE = fileURLToPath(new URL('../examples/pulsar-trigger.yaml', import.meta.url));
const CUSTOMERS = ['ann', 'bob', 'cid'];
const AT_ONCE = 6;
const PAUSE_MS = 3000;

const terminal = processTerminal();
const stopping = new AbortController();
/** What is undone at the end, the last begun first. */
const undo: (() => Promise<void>)[] = [];

const done = demonstrate(stopping.signal).catch((error: unknown) => {
  if (!stopping.signal.aborted) {
    terminal.complain(messageOf(error));
    process.exitCode = 1;
  }
});
const finished = done.then(async () => {
  for (const end of undo.reverse()) await end();
});
terminal.broken?.addEventListener('abort', () => stopping.abort());
onShutdown({
  stop() {
    stopping.abort();
    return finished;
  },
});
await finished;
process.exit();

async function demonstrate(stop: AbortSignal): Promise<void> {
  const pulsar = await findPulsar();
  const sample = await startSampleFunction((line) => terminal.print(`  function got ${line}`));
  undo.push(sample.close);
  const trigger = await exampleTrigger(pulsar, sample.url);
  const report = createPrettyReport(terminal);
  const dispatcher = await createDispatcher({
    trigger,
    secrets: createSecretFiles('/nonexistent'),
    logger: createLogger('warn', { write: (line) => report.logged(line) }),
    onAttempt: (attempt) => report.attempted(trigger, attempt),
  });
  undo.push(async () => {
    report.stopping(dispatcher.status().running);
    await dispatcher.stop();
    report.ended(trigger, dispatcher.status());
  });
  report.begun(trigger);
  await dispatcher.start();

  const producer = await createDemoProducer(pulsar, trigger.source.topics[0] ?? '');
  undo.push(producer.close);
  terminal.print(`Publishing ${AT_ONCE} records, then one every ${PAUSE_MS / 1000} s. Ctrl-C stops.\n`);
  for (let number = 1; !stop.aborted; number += 1) {
    const customer = CUSTOMERS[number % CUSTOMERS.length] ?? '';
    await producer.publish(customer, { order: number, customer, total: number * 10 });
    if (number >= AT_ONCE) await delay(PAUSE_MS, undefined, { signal: stop });
  }
}

/** `PULSAR_URL`, or one that is started for the demonstration. */
async function findPulsar(): Promise<PulsarEndpoint> {
  if (process.env.PULSAR_URL === undefined) {
    terminal.print(
      'Starting a Pulsar on this machine (the first time it is downloaded, which takes a minute or two) ...',
    );
  }
  undo.push(stopSharedPulsar);
  return sharedPulsar();
}

/** The example, with the addresses of this run. */
async function exampleTrigger({ wsUrl, adminToken }: PulsarEndpoint, functionUrl: string): Promise<Trigger> {
  const parsed = parseTrigger(load(await readFile(EXAMPLE, 'utf8')));
  if ('problems' in parsed) throw new Error(`${EXAMPLE} is wrong: see kubectl-trigger validate`);
  const { trigger } = parsed;
  const source = { ...trigger.source, broker: wsUrl };
  return {
    ...trigger,
    source: adminToken === undefined ? source : { ...source, authToken: new Secret(adminToken) },
    function: { url: functionUrl },
    delivery: { ...trigger.delivery, retry: { ...trigger.delivery.retry, initialDelay: 200 } },
  };
}
