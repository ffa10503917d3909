/**
 * `npm run bench:controller -- [--triggers 100,500,1000,5000] [--rest 10] [--changes 200]`: a cold start of the bundled
 * controller with so many triggers, how soon one change is applied, what it writes and what CPU it uses at rest (minutes),
 * and its memory. `--rest 1` is for a look.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { newsOf } from '../api/dispatcher-status.ts';
import { createStatusPage } from '../common/status-page.ts';
import type { ApiObject } from '../test/servers/kubernetes/admin.ts';
import type { KubernetesServer } from '../test/servers/kubernetes/index.ts';
import { startKubernetes } from '../test/servers/kubernetes/index.ts';
import { type ControllerProcess, installController } from '../test/support/controller-release.ts';
import { aDispatcherStatus } from '../test/support/dispatcher-status.ts';
import { deploymentPath, SPEC, triggerPath } from '../test/support/trigger-objects.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { describeMachine } from './machine.ts';

const { values } = parseArgs({
  options: {
    triggers: { type: 'string', default: '100,500,1000,5000' },
    rest: { type: 'string', default: '10' },
    changes: { type: 'string', default: '200' },
  },
});
const BUNDLE = fileURLToPath(new URL('../dist/bundle/controller/main.js', import.meta.url));
const shipped = { program: BUNDLE, nodeOptions: await imageFlags() };
/** So that any number of dispatchers fits on the node that isn't there. */
const SMALL = { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '1Mi' } };
const deployment = { spec: { template: { spec: { containers: [{ resources: SMALL }] } } } };
const HOUR = 3_600_000;

/** Seconds of CPU at rest, as a share of one core: so much per 100 triggers, and so much where there are fewer than 500. */
const AT_REST = { per100: 0.03, most: 0.05 };

console.log(JSON.stringify(describeMachine()));
for (const count of values.triggers.split(',').map(Number)) await measure(count);

async function measure(count: number): Promise<void> {
  const server = await startKubernetes({ audit: true, kwok: true });
  let dispatchers: readonly Server[] = [];
  try {
    const release = await installController(server);
    const empty = release.start(shipped);
    await empty.ready();
    await waitFor(() => empty.output.includes('"triggers":0'), { what: 'an empty controller to lead' });
    console.log(`${count} triggers: base, with none: ${await memory(empty)}`);
    await empty.kill('SIGTERM');

    const namespace = await server.namespace();
    await inParallel(count, (index) => server.admin.post(triggerPath(namespace), trigger(`t${index}`, 'cold')));
    console.log(`${count} triggers: made`);
    const controller = release.start(shipped);
    let isDone = false;
    void controller.exited.then(({ code, signal }) => {
      if (isDone) return;
      console.log(
        `the controller ended with ${signal ?? code}: none of its figures counts\n${controller.output.slice(-3000)}`,
      );
      process.exit(1);
    });
    const startedAt = performance.now();
    await waitFor(async () => (await countOf(server, namespace)) === count, {
      timeout: HOUR,
      interval: 200,
      what: `${count} Deployments`,
    });
    console.log(`${count} triggers: all Deployments exist ${seconds(startedAt)} after the start of the process`);
    await waitFor(async () => (await readyOf(controller)) === count, {
      timeout: HOUR,
      interval: 1_000,
      what: `${count} Ready triggers`,
    });
    console.log(`${count} triggers: all Ready ${seconds(startedAt)} after the start; ${await memory(controller)}`);

    const times = await changes(server, namespace, count);
    const p = (share: number) => `${(times[Math.ceil(times.length * share) - 1] ?? 0).toFixed(0)} ms`;
    console.log(`${count} triggers: one change is applied in p50 ${p(0.5)}, p99 ${p(0.99)}, most ${p(1)}`);

    // The minute's numbers, and rollouts of the last changes, come first.
    await waitFor(async () => (await readyOf(controller)) === count, { timeout: HOUR, what: 'all to be Ready again' });
    dispatchers = await answerAsDispatchers(server, namespace);
    await new Promise((resolve) => setTimeout(resolve, 70_000));
    const before = (await writes(server, release.namespace)).length;
    const cpuBefore = await cpuSeconds(controller);
    await new Promise((resolve) => setTimeout(resolve, Number(values.rest) * 60_000));
    console.log(`${count} triggers: ${restRow(count, (await cpuSeconds(controller)) - cpuBefore)}`);
    const others = (await writes(server, release.namespace)).slice(before);
    console.log(`${count} triggers: at rest, ${others.length} writes in ${values.rest} minutes beside the Lease's`);
    for (const line of others.slice(0, 10)) console.log(`  ${line}`);
    console.log(`${count} triggers: ${await memory(controller)}`);
    isDone = true;
    await release.uninstall();
  } finally {
    for (const dispatcher of dispatchers) dispatcher.close().closeAllConnections();
    await server.stop();
  }
}

function restRow(count: number, used: number): string {
  const share = used / (Number(values.rest) * 60);
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  const limit = count <= 100 ? AT_REST.per100 : AT_REST.most * Math.max(1, count / 500);
  const verdict = share <= limit ? '✓' : '✗';
  return `at rest, ${used.toFixed(1)} s of CPU in ${values.rest} minutes, ${percent(share)} of a core (${verdict} target ≤ ${percent(limit)})`;
}

/** KWOK's pods have addresses of the loopback network: at each of them answers a dispatcher that has nothing to do. */
async function answerAsDispatchers({ admin }: KubernetesServer, namespace: string): Promise<readonly Server[]> {
  const { items } = await admin.get<{ items: readonly ApiObject[] }>(`/api/v1/namespaces/${namespace}/pods`);
  const running = items.flatMap(({ status }) => status?.podIP ?? []);
  return Promise.all(
    running.map(async (address: string) => {
      const status = aDispatcherStatus();
      const page = createStatusPage({ read: () => status, news: () => newsOf(status) });
      const server = createServer((request, response) => {
        void page(request).then(({ body, etag }) => response.writeHead(200, { etag }).end(body));
      });
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(8080, address, resolve));
      return server;
    }),
  );
}

/** Of user and kernel, all threads. */
async function cpuSeconds({ pid }: ControllerProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name before it is in parentheses, and may hold spaces; ticks are hundredths of a second on Linux.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

/** The flags that Node gets in the image. */
async function imageFlags(): Promise<readonly string[]> {
  const dockerfile = await readFile(new URL('../controller/Dockerfile', import.meta.url), 'utf8');
  const entrypoint = /^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]';
  const words: readonly string[] = JSON.parse(entrypoint); // its exec form is JSON
  return words.filter((word) => word.startsWith('--'));
}

function trigger(name: string, topic: string) {
  const spec = { ...SPEC, pulsar: { ...SPEC.pulsar, topic }, deployment };
  return { apiVersion: 'kubeless.io/v1', kind: 'PulsarTrigger', metadata: { name }, spec };
}

/** Milliseconds from the answer to a change until its Deployment has it, sorted. */
async function changes({ admin }: KubernetesServer, namespace: string, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < Number(values.changes); index++) {
    const name = `t${Math.floor(Math.random() * count)}`;
    const topic = `change-${index}`;
    const startedAt = performance.now();
    await admin.patch(triggerPath(namespace, name), { spec: { pulsar: { topic } } });
    const hasIt = async () => {
      const { spec } = await admin.get(deploymentPath(namespace, `${name}-pulsar`));
      return JSON.stringify(spec.template.spec.containers[0].env).includes(topic);
    };
    await waitFor(hasIt, { timeout: 60_000, interval: 5, what: 'the change' });
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((a, b) => a - b);
}

async function countOf({ admin }: KubernetesServer, namespace: string): Promise<number> {
  const { items, metadata } = await admin.get(deploymentPath(namespace), { limit: '1' });
  return items.length + Number(metadata.remainingItemCount ?? 0);
}

async function readyOf(controller: ControllerProcess): Promise<number> {
  const { body } = await controller.get('/metrics');
  return Number(/^kubeless_controller_triggers\{reason="Running"\} (\d+)$/m.exec(body)?.[1] ?? 0);
}

async function writes(server: KubernetesServer, namespace: string): Promise<readonly string[]> {
  const events = await server.auditEvents();
  return events
    .filter(({ user, resource }) => user.startsWith(`system:serviceaccount:${namespace}:`) && resource !== 'leases')
    .map(({ time, verb, uri, code }) => `${time} ${verb} ${uri} ${code}`);
}

async function memory({ pid }: ControllerProcess): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (field: string) => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return `${(Number(kibibytes) / 1024).toFixed(0)} MiB`;
  };
  return `RSS ${mebibytes('VmRSS')}, at most ${mebibytes('VmHWM')}`;
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
