/** Leader election between processes, against the real API server. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { waitFor } from '../support/wait-for.ts';
import { startLink } from './controller-kube-link.ts';
import { allow } from './controller-kube-role.ts';

describe('leader election and API server', function () {
  this.timeout(120_000);
  const kubernetes = useKubernetes();
  const closing: (() => Promise<unknown> | unknown)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it('hands over within 2 s of a SIGTERM and within 15 s of a SIGKILL, by get, create and update alone', async () => {
    const ns = await kubernetes().namespace();
    await allow(kubernetes(), ns, 'controller', {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      verbs: ['get', 'create', 'update'],
    });
    const kubeconfig = await kubernetes().serviceAccountKubeconfig(ns, 'controller');
    const first = await candidate(kubeconfig, ns, 'first');
    await first.leading;
    const second = await candidate(kubeconfig, ns, 'second');
    await second.started;

    const termAt = performance.now();
    process.kill(first.pid, 'SIGTERM');
    await second.leading;
    expect(performance.now() - termAt).to.be.below(2_000);

    const third = await candidate(kubeconfig, ns, 'third');
    await third.started;
    const killAt = performance.now();
    process.kill(second.pid, 'SIGKILL');
    await third.leading;
    expect(performance.now() - killAt).to.be.within(5_000, 15_000);
  });

  it('keeps its leader when the API server is away for a few seconds', async () => {
    const { admin } = kubernetes();
    const ns = await kubernetes().namespace();
    const path = `/apis/coordination.k8s.io/v1/namespaces/${ns}/leases/election`;
    const link = await startLink(kubernetes());
    closing.push(() => link.close());
    const one = await candidate(link.kubeconfig, ns, 'one');
    await one.leading;
    link.sever();
    await waitFor(() => link.refused >= 3, { what: 'three attempts' });
    const { spec } = await admin.get(path);
    link.mend();
    const later = await waitFor(
      async () => {
        const found = (await admin.get(path)).spec;
        return found.renewTime !== spec.renewTime && found;
      },
      { what: 'a renewal' },
    );
    expect(later).to.include({ holderIdentity: 'one', leaseTransitions: 0, acquireTime: spec.acquireTime });
  });

  async function candidate(kubeconfig: string, ns: string, identity: string) {
    const program = fileURLToPath(new URL('controller-kube-leader-owner.ts', import.meta.url));
    const child = fork(program, [kubeconfig, ns, 'election', identity], { execArgv: [] });
    closing.push(() => stop(child));
    await once(child, 'spawn');
    const { pid } = child;
    if (pid === undefined) throw new Error(`starting ${identity}: it has no pid`);
    const says = (what: string) =>
      waitFor(() => said.includes(what), { timeout: 30_000, what: `${identity}: ${what}` });
    const said: unknown[] = [];
    child.on('message', (message) => said.push(message));
    return { pid, started: says('started'), leading: says('leading') };
  }
});

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
