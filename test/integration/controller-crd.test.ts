/** A controller that is there before its CRDs, and after them. */
import { expect } from 'chai';
import { installCrds } from '../servers/kubernetes/crds.ts';
import { type KubernetesServer, startKubernetes } from '../servers/kubernetes/index.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { type ControllerProcess, type ControllerRelease, installController } from '../support/controller-release.ts';
import { deploymentPath, triggersIn } from '../support/trigger-objects.ts';
import { waitFor } from '../support/wait-for.ts';

const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pulsartriggers.kubeless.io';

describe('a controller without CRDs', function () {
  this.timeout(120_000);
  // Skips the suite where Kubernetes can't be built; the CRDs of this one belong to other suites too.
  useKubernetes();
  let server: KubernetesServer;
  let release: ControllerRelease;
  let controller: ControllerProcess;

  before(async () => {
    server = await startKubernetes({ kwok: true });
    release = await installController(server, {}, { crds: false });
    controller = release.start();
  });
  after(async () => {
    await release?.uninstall();
    await server?.stop();
  });

  it('waits for them, is not ready, and says why', async () => {
    const { code, body } = await waitFor(
      async () => {
        const answer = await controller.get('/readyz');
        return answer.body.startsWith('not listed yet: pulsartriggers.kubeless.io;') && answer;
      },
      { timeout: 20_000, what: 'readiness to name what is missing' },
    );
    expect(code).to.equal(503);
    expect(body).to.include('is crd.yaml installed');
    expect((await controller.get('/healthz')).code).to.equal(200);
  });

  it('begins when they are there', async () => {
    await installCrds(server);
    await controller.ready();
    const ns = await server.namespace();
    const triggers = triggersIn(server, ns);
    await triggers.apply('first');
    await triggers.deployment('first');
    await triggers.delete('first');
    // The garbage collector looks for new kinds every half minute.
    await waitFor(async () => !(await server.admin.find(deploymentPath(ns, 'first-pulsar'))), {
      timeout: 60_000,
      what: 'the Deployment to be collected',
    });
  });

  it('brings nothing back when they go, and goes on when they come back', async () => {
    const ns = await server.namespace();
    const other = await server.namespace({ annotations: { 'kubeless.io/triggers-from': ns } });
    const triggers = triggersIn(server, ns);
    await triggers.apply('here');
    await triggers.apply('there', { deployment: { metadata: { namespace: other } } });
    await triggers.condition('there', 'Ready', 'Running');
    await triggers.condition('here', 'Ready', 'Running');
    await server.admin.delete(CRD);
    const left = async () => {
      const lists = await Promise.all([ns, other].map((each) => server.admin.get(deploymentPath(each))));
      return lists.flatMap(({ items }) => items).length;
    };
    await waitFor(async () => (await left()) === 0, {
      timeout: 60_000,
      interval: 100,
      what: 'all Deployments to be gone',
    });
    await waitFor(async () => !(await server.admin.find(CRD)), { timeout: 60_000, what: 'the definition to be gone' });
    expect(await left()).to.equal(0);
    await installCrds(server);
    await triggers.apply('here');
    await triggers.deployment('here', 30_000);
    expect(await left()).to.equal(1);
  });
});
