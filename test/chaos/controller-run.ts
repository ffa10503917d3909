/** One run of the controller's fault test: two replicas are struck while users go on; in the end all has to be as they want. */
import { fileURLToPath } from 'node:url';
import type { KubernetesServer } from '../servers/kubernetes/index.ts';
import { type ControllerRelease, installController } from '../support/controller-release.ts';
import { waitFor } from '../support/wait-for.ts';
import type { ControllerFault, ControllerPlan } from './controller-plan.ts';
import { type FaultyProxy, startFaultyProxy, throughProxy } from './controller-proxy.ts';
import { type Replicas, startReplicas } from './controller-replicas.ts';
import { createUsers, type Users } from './controller-users.ts';
import { createRandom } from './schedule.ts';

export interface ControllerRunResult {
  readonly isGood: boolean;
  readonly seconds: number;
  readonly faults: number;
  /** Milliseconds until another replica led. */
  readonly handOvers: readonly { readonly after: 'kill' | 'terminate' | 'halt'; readonly ms: number }[];
  /** Milliseconds from the last fault until all was as it had to be. */
  readonly converged: number;
  /** One line, and what is wrong below it. */
  readonly ledger: string;
}

/** The most that a hand-over may take, in milliseconds. */
const HAND_OVER = { kill: 15_000, halt: 15_000, terminate: 2_000 };
const CONVERGE = 60_000;
const STORM = 3_000;
/** So long nothing is written by a controller that is at rest. */
const CALM = 6_000;
const CLOCK = fileURLToPath(new URL('moved-clock.ts', import.meta.url));

export async function runControllerFaults(
  server: KubernetesServer,
  plan: ControllerPlan,
): Promise<ControllerRunResult> {
  const startedAt = performance.now();
  const random = createRandom(plan.seed ^ 0x5eed);
  const release = await installController(server);
  const proxy = await startFaultyProxy({ url: server.url, ca: server.ca ?? '', random });
  const handOvers: { after: 'kill' | 'terminate' | 'halt'; ms: number }[] = [];
  let replicas: Replicas | undefined;
  let users: Users | undefined;
  let trouble: readonly string[] = [];
  let converged = 0;
  let latest: string | undefined;
  try {
    const kubeconfig = await throughProxy(server, release, proxy);
    const first = await server.namespace();
    const second = await server.namespace();
    const shared = await server.namespace({ annotations: { 'kubeless.io/triggers-from': `${first},${second}` } });
    users = createUsers({ server, namespaces: [first, second, shared], random });
    await users.act(plan.triggers);
    const nodeOptions = ['--import', CLOCK];
    replicas = startReplicas(
      release,
      plan.clocks.map((offset) => ({ kubeconfig, nodeOptions, env: { CLOCK_OFFSET: String(offset) } })),
    );
    await replicas.leader();
    for (const fault of plan.faults) {
      const acting = users.act(plan.changes);
      // A Deployment that says no more whose it is, and whose trigger went or moved before that is mended, stays for ever.
      if (fault === 'writers') await acting;
      handOvers.push(...(await strike(fault, { server, proxy, replicas, users })));
      await acting;
    }
    const settledAt = performance.now();
    const { findings, lastWrong } = await findingsAfter(users);
    trouble = findings;
    latest = lastWrong;
    converged = performance.now() - settledAt;
    if (trouble.length === 0) trouble = await writesAtRest(server, release);
  } catch (error) {
    trouble = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  const slow = handOvers
    .filter(({ after, ms }) => ms > HAND_OVER[after])
    .map(({ after, ms }) => `${after} took ${ms} ms`);
  const wrong = [...trouble, ...slow];
  const log = wrong.length > 0 ? `\n${wrong.join('\n')}\n${replicas?.log() ?? ''}` : '';
  await users?.leave().catch(() => {});
  await replicas?.stop();
  await release.uninstall();
  await proxy.close();
  const seconds = (performance.now() - startedAt) / 1000;
  const overs = handOvers.map(({ after, ms }) => `${after} ${(ms / 1000).toFixed(1)} s`).join(', ');
  const head = `seed ${plan.seed}  faults ${plan.faults.length}  ${seconds.toFixed(0)} s`;
  const ledger = `${head}  hand-overs: ${overs}  converged in ${(converged / 1000).toFixed(1)} s${latest ? ` (${latest})` : ''}${log}`;
  return { isGood: wrong.length === 0, seconds, faults: plan.faults.length, handOvers, converged, ledger };
}

interface Stage {
  readonly server: KubernetesServer;
  readonly proxy: FaultyProxy;
  readonly replicas: Replicas;
  readonly users: Users;
}

async function strike(fault: ControllerFault, { server, proxy, replicas, users }: Stage) {
  if (fault === 'kill') return [{ after: fault, ms: await replicas.replaceLeader('SIGKILL') }];
  if (fault === 'terminate') return [{ after: fault, ms: await replicas.replaceLeader('SIGTERM') }];
  if (fault === 'stop-and-go') return [{ after: 'halt' as const, ms: await replicas.haltLeader() }];
  if (fault === 'api-server') await server.restart('kube-apiserver');
  else if (fault === 'compaction') await server.compact();
  else if (fault === 'cut') proxy.cut();
  else if (fault === 'writers') {
    // What the controller hasn't acted on yet counts as before it too.
    const isRight = async () => (await users.findings()).length === 0;
    await waitFor(isRight, { timeout: CONVERGE, what: 'everything to be right before others write' });
    await users.meddle(STORM);
    await waitFor(users.areNamed, { timeout: CONVERGE, what: 'the Deployments to say again whose they are' });
  } else await storm(proxy, fault === 'storm-500' ? 500 : 429);
  return [];
}

async function storm(proxy: FaultyProxy, status: 500 | 429): Promise<void> {
  proxy.fail(status, 0.7);
  await new Promise((resolve) => setTimeout(resolve, STORM));
  proxy.fail(status, 0);
}

/** `lastWrong`: what was the last thing to become right. */
async function findingsAfter(users: Users) {
  let last: readonly string[] = [];
  let wrong: readonly string[] = [];
  const isRight = async () => {
    last = await users.findings();
    if (last.length > 0) wrong = last;
    return last.length === 0;
  };
  await waitFor(isRight, { timeout: CONVERGE, interval: 250, what: 'everything to be right' }).catch((error) => {
    if (last.length === 0) throw error;
  });
  return { findings: last, lastWrong: wrong[0] };
}

/** Once everything is as it has to be, and the dispatchers were asked, nothing is written but the Lease. */
async function writesAtRest(server: KubernetesServer, { namespace }: ControllerRelease): Promise<readonly string[]> {
  const ours = async () => {
    const events = await server.auditEvents();
    const isOurs = ({ user, resource }: { readonly user: string; readonly resource?: string }) =>
      user.startsWith(`system:serviceaccount:${namespace}:`) && resource !== 'leases';
    return events.filter(isOurs).map(({ verb, uri, code }) => `at rest: ${verb} ${uri} ${code}`);
  };
  let last = await ours();
  let since = performance.now();
  const isCalm = async () => {
    const now = await ours();
    if (now.length > last.length) since = performance.now();
    last = now;
    return performance.now() - since > CALM;
  };
  const options = { timeout: CONVERGE, interval: 250, what: 'nothing to be written any more' };
  return waitFor(isCalm, options).then(
    () => [],
    () => last.slice(-5),
  );
}
