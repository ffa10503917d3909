/** What the controller makes of others that work on the same objects: it tells who, and is quiet about the rest. */
import { expect } from 'chai';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { type ControllerProcess, type ControllerRelease, installController } from '../support/controller-release.ts';
import { deploymentPath, triggersIn } from '../support/trigger-objects.ts';

describe('the controller, beside others', function () {
  this.timeout(60_000);
  const kubernetes = useKubernetes();
  let release: ControllerRelease;
  let controller: ControllerProcess;

  before(async function () {
    this.timeout(120_000);
    release = await installController(kubernetes());
    controller = release.start();
    await controller.ready();
  });
  after(() => release?.uninstall());

  it('says once that a namespace is being deleted, however many triggers are in it', async () => {
    const { namespace, admin } = kubernetes();
    const ns = await namespace();
    const triggers = triggersIn(kubernetes(), ns);
    const names = Array.from({ length: 20 }, (_, index) => `ending-${index}`);
    await Promise.all(names.map((name) => triggers.apply(name)));
    for (const name of names) await triggers.condition(name, 'Ready', 'Running', 30_000);
    const begun = controller.output.length;
    const written = await writes();
    // Who empties the namespace would take the triggers, too, before or after their Deployments.
    await kubernetes().kill('kube-controller-manager');
    try {
      await admin.delete(`/api/v1/namespaces/${ns}`);
      await Promise.all(names.map((name) => admin.delete(deploymentPath(ns, `${name}-pulsar`))));
      for (const name of names) {
        const { message } = await triggers.condition(name, 'Ready', 'NamespaceMissing', 30_000);
        expect(message).includes('is being deleted');
      }
      expect(linesOf(controller.output.slice(begun))).to.have.lengthOf(1);
      expect(controller.output.slice(begun)).includes(ns).and.includes('is being deleted');
      expect(await writes()).eql(written);
    } finally {
      await kubernetes().start('kube-controller-manager');
    }
  });

  /** Writes of the controller that failed, by what. */
  async function writes(): Promise<readonly string[]> {
    const { body } = await controller.get('/metrics');
    return linesOf(body).filter((line) => line.includes('writes_total{') && line.includes('failed'));
  }
});

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
