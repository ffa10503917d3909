/** A controller whose API server gives no answer, or a wrong one, through a proxy: what runs stays as it is. */
import { expect } from 'chai';
import { type FaultyProxy, refusal, type Strike, startFaultyProxy, throughProxy } from '../chaos/controller-proxy.ts';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { type ControllerProcess, type ControllerRelease, installController } from '../support/controller-release.ts';
import { deploymentPath, type TriggerObjects, triggersIn } from '../support/trigger-objects.ts';
import { waitFor } from '../support/wait-for.ts';

interface TriggerIn {
  /** Of the trigger. */
  readonly name: string;
  /** The namespace of its Deployment. */
  readonly other: string;
}

const TRIGGERS = '/apis/kubeless.io/v1/';

describe('a controller that is not answered', function () {
  this.timeout(300_000);
  const kubernetes = useKubernetes();
  const releases: ControllerRelease[] = [];
  const proxies: FaultyProxy[] = [];
  after(async () => {
    await Promise.all(releases.map((release) => release.uninstall()));
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });

  /** Triggers in one namespace, the Deployment of each in another one, and a controller behind a proxy. */
  async function setUp({ places = 1, watched = false } = {}) {
    const { admin, namespace, url, ca = '' } = kubernetes();
    const ns = await namespace();
    const others: string[] = [];
    for (let made = 0; made < places; made++) {
      others.push(await namespace({ annotations: { 'kubeless.io/triggers-from': ns } }));
    }
    const names = watched ? [ns, ...others] : [];
    const values = Object.fromEntries(names.map((name, index) => [`watchNamespaces[${index}]`, name]));
    const release = await installController(kubernetes(), values);
    releases.push(release);
    const proxy = await startFaultyProxy({ url, ca, random: () => 1 });
    proxies.push(proxy);
    const kubeconfig = await throughProxy(kubernetes(), release, proxy);
    const triggers = triggersIn(kubernetes(), ns);
    const found: TriggerIn[] = [];
    for (const other of others) {
      const name = `in-${other}`;
      await triggers.apply(name, { deployment: { metadata: { namespace: other } } });
      found.push({ name, other });
    }
    const deployments = async (): Promise<readonly ApiObject[]> => {
      const lists = await Promise.all(others.map((other) => admin.get(deploymentPath(other))));
      return lists.flatMap(({ items }) => items);
    };
    return { proxy, start: () => release.start({ kubeconfig }), triggers, found, deployments };
  }

  const idsOf = (deployments: readonly ApiObject[]) =>
    deployments.map(({ metadata: { uid, generation } }) => ({ uid, generation }));

  const have = (triggers: TriggerObjects, found: readonly TriggerIn[], reason: string) =>
    Promise.all(found.map(({ name }) => triggers.condition(name, 'Ready', reason, 60_000)));

  const strikes: readonly [says: string, strike: Strike][] = [
    ['a test says no', { status: 503, body: refusal(503, 'ServiceUnavailable') }],
    ['no permission', { status: 403, body: refusal(403, 'Forbidden', 'no permission for a moment') }],
    ['HTTP 404', { status: 404, body: '404 page not found\n' }],
    ['not the object', { status: 200, body: {} }],
    ['no answer within', 'hang'],
  ];

  it('keeps what it made in a namespace that it cannot read, and says so, until that refuses', async () => {
    const { proxy, start, triggers, found, deployments } = await setUp({ places: strikes.length, watched: true });
    let controller = start();
    await have(triggers, found, 'Running');
    const before = idsOf(await deployments());
    expect(before).to.have.length(strikes.length);

    const asked = new Map<string, number>();
    const byPath = new Map(found.map(({ other }, index) => [`/api/v1/namespaces/${other}`, strikes[index]?.[1]]));
    proxy.strike(({ path }) => {
      if (byPath.has(path)) asked.set(path, (asked.get(path) ?? 0) + 1);
      return byPath.get(path);
    });
    // The second attempt comes after the first one has failed.
    const isFailing = () => [...byPath.keys()].every((path) => (asked.get(path) ?? 0) >= 2);
    await waitFor(isFailing, { timeout: 90_000, interval: 50, what: 'every namespace to be asked for in vain' });
    await have(triggers, found, 'Running');
    expect(idsOf(await deployments())).to.deep.equal(before);

    await controller.kill('SIGTERM');
    controller = start();
    const conditions = await have(triggers, found, 'NamespaceUnknown');
    for (const [index, [says]] of strikes.entries()) expect(conditions[index]?.message).to.include(says);
    expect(idsOf(await deployments())).to.deep.equal(before);

    const [gone, refusing, ...others] = found;
    await kubernetes().admin.delete(`/api/v1/namespaces/${gone?.other}`);
    await kubernetes().kubectl('annotate', 'namespace', refusing?.other ?? '', 'kubeless.io/triggers-from-');
    proxy.strike(() => undefined);
    await have(triggers, others, 'Running');
    await triggers.condition(refusing?.name ?? '', 'Ready', 'NamespaceNotAllowed', 60_000);
    // With a namespace its Role goes, by which the controller may ask for it: what is in it is deleted by Kubernetes.
    await waitFor(async () => (await deployments()).length === others.length, {
      timeout: 60_000,
      interval: 50,
      what: 'the two to go',
    });
    expect(idsOf(await deployments())).to.deep.equal(before.slice(2));
    await controller.kill('SIGTERM');
  });

  it('keeps what it made when lists are answered as if there were nothing', async () => {
    const { proxy, start, triggers, found, deployments } = await setUp();
    let controller = start();
    await have(triggers, found, 'Running');
    const before = idsOf(await deployments());
    expect(before).to.have.length(1);
    const { metadata } = await kubernetes().admin.get('/api/v1/namespaces?limit=1');
    const nothing = (kind: string): Strike => ({
      status: 200,
      body: { apiVersion: 'v1', kind, metadata: { resourceVersion: metadata.resourceVersion }, items: [] },
    });
    const isList = (path: string, of: string) => path.startsWith(of) && path.includes('limit=');
    const cases: readonly [isStruck: (path: string) => boolean, strike: Strike][] = [
      [(path) => isList(path, '/api/v1/namespaces?'), nothing('NamespaceList')],
      [(path) => isList(path, TRIGGERS), nothing('PulsarTriggerList')],
    ];
    for (const [index, [isStruck, strike]] of cases.entries()) {
      await controller.kill('SIGTERM');
      let struck = 0;
      proxy.strike(({ path }) => {
        if (!isStruck(path)) return undefined;
        struck++;
        return strike;
      });
      controller = start();
      await leading(controller);
      expect(struck).to.be.greaterThan(0);
      // A trigger that comes after them shows that all others were looked at.
      const last = `last-${index}`;
      await triggers.apply(last);
      await triggers.condition(last, 'Ready', 'Running', 30_000);
      expect(idsOf(await deployments())).to.deep.equal(before);
      await triggers.delete(last);
    }
    await controller.kill('SIGTERM');
  });

  it('keeps what it made when it is told that triggers are gone, and that there is no such resource', async () => {
    const { proxy, start, triggers, found, deployments } = await setUp({ places: 2 });
    let controller = start();
    await have(triggers, found, 'Running');
    const before = idsOf(await deployments());
    await controller.kill('SIGTERM');
    const asked = new Map(found.map(({ name }) => [name, 0]));
    const { metadata } = await kubernetes().admin.get('/api/v1/namespaces?limit=1');
    proxy.strike(({ method, path }) => {
      if (method !== 'GET' || !path.startsWith(TRIGGERS)) return undefined;
      if (path.includes('limit=')) {
        return { status: 200, body: { metadata: { resourceVersion: metadata.resourceVersion }, items: [] } };
      }
      if (path.includes('watch=')) return 'hang';
      const name = path.slice(path.lastIndexOf('/') + 1);
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return { status: 404, body: '404 page not found\n' };
    });
    controller = start();
    // The second time comes after the first answer was acted on.
    const isAskedAgain = () => found.every(({ name }) => (asked.get(name) ?? 0) >= 2);
    await waitFor(isAskedAgain, { timeout: 60_000, what: 'both to be asked for again' });
    expect(idsOf(await deployments())).to.deep.equal(before);
    proxy.strike(() => undefined);
    await controller.kill('SIGTERM');
    controller = start();
    await have(triggers, found, 'Running');
    await kubernetes().admin.delete(`/api/v1/namespaces/${found[1]?.other}`);
    await triggers.condition(found[1]?.name ?? '', 'Ready', 'NamespaceMissing', 90_000);
    await triggers.delete(found[0]?.name ?? '');
    await waitFor(async () => (await deployments()).length === 0, { timeout: 30_000, what: 'the Deployments to go' });
    await controller.kill('SIGTERM');
  });

  const leading = (controller: ControllerProcess) =>
    waitFor(async () => /^kubeless_controller_leader 1$/m.test((await controller.get('/metrics')).body), {
      timeout: 60_000,
      interval: 20,
      what: 'the controller to lead',
    });
});
