/** A controller whose API server gives no answer, or a wrong one, through a proxy: what runs stays as it is. */
import { expect } from 'chai';
import { type FaultyProxy, refusal, type Strike, startFaultyProxy, throughProxy } from '../chaos/controller-proxy.ts';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { type ControllerProcess, type ControllerRelease, installController } from '../support/controller-release.ts';
import { deploymentPath, type TriggerObjects, triggersIn } from '../support/trigger-objects.ts';
import { waitFor } from '../support/wait-for.ts';

const TRIGGERS = '/apis/kubeless.io/v1/';

describe('a controller that is not answered', function () {
  this.timeout(120_000);
  const kubernetes = useKubernetes();
  const releases: ControllerRelease[] = [];
  const proxies: FaultyProxy[] = [];
  after(async () => {
    await Promise.all(releases.map((release) => release.uninstall()));
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });

  /** A trigger in one namespace, its Deployment in another, and a controller behind a proxy. */
  async function setUp(watched: boolean) {
    const { admin, namespace, url, ca = '' } = kubernetes();
    const ns = await namespace();
    const other = await namespace({ annotations: { 'kubeless.io/triggers-from': ns } });
    const release = await installController(
      kubernetes(),
      watched ? { 'watchNamespaces[0]': ns, 'watchNamespaces[1]': other } : {},
    );
    releases.push(release);
    const proxy = await startFaultyProxy({ url, ca, random: () => 1 });
    proxies.push(proxy);
    const kubeconfig = await throughProxy(kubernetes(), release, proxy);
    const start = () => release.start({ kubeconfig });
    const triggers = triggersIn(kubernetes(), ns);
    await triggers.apply('orders', { deployment: { metadata: { namespace: other } } });
    const deployments = async (): Promise<readonly ApiObject[]> => (await admin.get(deploymentPath(other))).items;
    return { ns, other, proxy, start, triggers, deployments };
  }

  const idsOf = (deployments: readonly ApiObject[]) =>
    deployments.map(({ metadata: { uid, generation } }) => ({ uid, generation }));

  /** Answers what matches, and counts how often. */
  function strikeAll(proxy: FaultyProxy, isStruck: (path: string) => boolean, strike: Strike) {
    const struck = { count: 0 };
    proxy.strike(({ method, path }) => {
      if (method !== 'GET' || !isStruck(path)) return undefined;
      struck.count++;
      return strike;
    });
    return struck;
  }

  async function running(triggers: TriggerObjects, controller: ControllerProcess): Promise<void> {
    await controller.ready(60_000);
    await triggers.condition('orders', 'Ready', 'Running', 30_000);
  }

  const strikes: readonly [what: string, strike: Strike, says: string][] = [
    ['503', { status: 503, body: refusal(503, 'ServiceUnavailable') }, 'a test says no'],
    ['403', { status: 403, body: refusal(403, 'Forbidden', 'no permission for a moment') }, 'no permission'],
    ['404 of a proxy', { status: 404, body: '404 page not found\n' }, 'HTTP 404'],
    ['200 without an object', { status: 200, body: {} }, 'not the object'],
    ['nothing at all', 'hang', 'no answer within'],
  ];

  it('keeps what it made in another namespace, and says that it cannot read that, after a start', async () => {
    const { other, proxy, start, triggers, deployments } = await setUp(true);
    let controller = start();
    await running(triggers, controller);
    const before = idsOf(await deployments());
    expect(before).to.have.length(1);
    for (const [, strike, says] of strikes) {
      await controller.kill('SIGTERM');
      strikeAll(proxy, (path) => path === `/api/v1/namespaces/${other}`, strike);
      controller = start();
      await controller.ready(60_000);
      const { message } = await triggers.condition('orders', 'Ready', 'NamespaceUnknown', 30_000);
      expect(message).to.include(says).and.to.include(other);
      expect(idsOf(await deployments())).to.deep.equal(before);
      proxy.strike(() => undefined);
      await triggers.condition('orders', 'Ready', 'Running', 40_000);
    }
    expect(idsOf(await deployments())).to.deep.equal(before);
    await controller.kill('SIGTERM');
  });

  it('keeps what it made, ready as it was, while it cannot read the namespace; not once that refuses', async () => {
    const { other, proxy, start, triggers, deployments } = await setUp(true);
    const controller = start();
    await running(triggers, controller);
    const before = idsOf(await deployments());
    const struck = strikeAll(proxy, (path) => path === `/api/v1/namespaces/${other}`, {
      status: 503,
      body: refusal(503, 'ServiceUnavailable'),
    });
    // The third attempt comes after the first one's answer was taken, and acted on.
    await waitFor(() => struck.count >= 3, { timeout: 60_000, interval: 50, what: 'the namespace to be asked for' });
    await triggers.condition('orders', 'Ready', 'Running');
    expect(idsOf(await deployments())).to.deep.equal(before);
    proxy.strike(() => undefined);
    await kubernetes().kubectl('annotate', 'namespace', other, 'kubeless.io/triggers-from-');
    await waitFor(async () => (await deployments()).length === 0, {
      timeout: 60_000,
      interval: 50,
      what: 'the Deployment to go with the permission',
    });
    await triggers.condition('orders', 'Ready', 'NamespaceNotAllowed');
    await kubernetes().admin.delete(`/api/v1/namespaces/${other}`);
    await triggers.condition('orders', 'Ready', 'NamespaceMissing', 90_000);
    await controller.kill('SIGTERM');
  });

  it('keeps what it made when lists are answered as if there were nothing', async () => {
    const { proxy, start, triggers, deployments } = await setUp(false);
    let controller = start();
    await running(triggers, controller);
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
      const struck = strikeAll(proxy, isStruck, strike);
      controller = start();
      await leading(controller);
      expect(struck.count).to.be.greaterThan(0);
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
    const { proxy, start, triggers, deployments } = await setUp(false);
    let controller = start();
    await running(triggers, controller);
    const before = idsOf(await deployments());
    await controller.kill('SIGTERM');
    let asked = 0;
    const { metadata } = await kubernetes().admin.get('/api/v1/namespaces?limit=1');
    proxy.strike(({ method, path }) => {
      if (method !== 'GET' || !path.startsWith(TRIGGERS)) return undefined;
      if (path.includes('limit=')) {
        return { status: 200, body: { metadata: { resourceVersion: metadata.resourceVersion }, items: [] } };
      }
      if (path.includes('watch=')) return 'hang';
      asked++;
      return { status: 404, body: '404 page not found\n' };
    });
    controller = start();
    await waitFor(() => asked >= 2, { timeout: 60_000, what: 'the trigger to be asked for again' });
    expect(idsOf(await deployments())).to.deep.equal(before);
    proxy.strike(() => undefined);
    await controller.kill('SIGTERM');
    controller = start();
    await running(triggers, controller);
    await triggers.delete('orders');
    await waitFor(async () => (await deployments()).length === 0, { timeout: 30_000, what: 'the Deployment to go' });
    await controller.kill('SIGTERM');
  });

  const leading = (controller: ControllerProcess) =>
    waitFor(async () => /^kubeless_controller_leader 1$/m.test((await controller.get('/metrics')).body), {
      timeout: 60_000,
      interval: 20,
      what: 'the controller to lead',
    });
});
