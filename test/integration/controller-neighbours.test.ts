/** What the controller makes of others that work on the same objects: it tells who, and is quiet about the rest. */
import { expect } from 'chai';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { type ControllerProcess, type ControllerRelease, installController } from '../support/controller-release.ts';
import { deploymentPath, triggerPath, triggersIn } from '../support/trigger-objects.ts';
import { waitFor } from '../support/wait-for.ts';

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

  /** The others by what they do to the Deployment, and what the Event is to say of it. */
  const OTHERS: readonly {
    readonly name: string;
    readonly what: string;
    readonly writes: (deployment: ApiObject) => object;
    readonly query: string;
    readonly contentType: string;
    readonly says: readonly string[];
  }[] = [
    {
      name: 'updated',
      what: 'updates a field',
      writes: () => ({ spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } } }),
      query: 'fieldManager=scaler',
      contentType: 'application/merge-patch+json',
      says: ['conflict with "scaler"', '.spec.template.spec.terminationGracePeriodSeconds'],
    },
    {
      name: 'applied',
      what: 'applies an image',
      writes: ({ metadata }) => ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: metadata.name },
        spec: { template: { spec: { containers: [{ name: 'dispatcher', image: 'other:1' }] } } },
      }),
      query: 'fieldManager=git&force=true',
      contentType: 'application/apply-patch+yaml',
      says: ['conflict with "git"', '.spec.template.spec.containers[name="dispatcher"].image'],
    },
    {
      name: 'stripped',
      what: 'takes an annotation away',
      writes: () => ({ metadata: { annotations: { 'kubeless.io/trigger': null } } }),
      query: 'fieldManager=cleaner',
      contentType: 'application/merge-patch+json',
      says: ['the Deployment stripped-pulsar in', 'is changed or taken away'],
    },
  ];
  it('takes nothing for a contest while it is alone', async () => {
    const ns = await kubernetes().namespace();
    const triggers = triggersIn(kubernetes(), ns);
    const before = await contests();
    for (const paused of [false, true, false]) {
      await triggers.apply('alone', { paused });
      await triggers.condition('alone', 'Ready', paused ? 'Paused' : 'Running');
    }
    expect(await contests()).equals(before);
    await triggers.delete('alone');
  });

  it('takes nobody for a rival who writes beside what it sets, however often', async () => {
    const { namespace, admin } = kubernetes();
    const ns = await namespace();
    const triggers = triggersIn(kubernetes(), ns);
    await triggers.apply('scaled');
    await triggers.condition('scaled', 'Ready', 'Running');
    const path = deploymentPath(ns, 'scaled-pulsar');
    const [before, since] = [await contests(), await applied()];
    for (const [times, spec] of [{ replicas: 2 }, { paused: true }, { paused: null }, { replicas: 1 }].entries()) {
      await admin.patch(`${path}?fieldManager=scaler`, { spec });
      await waitFor(async () => (await applied()) > since + times, { what: 'the controller to look', timeout: 20_000 });
    }
    expect(await contests()).equals(before);
    const { items } = await admin.get<{ items: readonly ApiObject[] }>(eventsPath(ns));
    expect(items.map(({ reason }) => reason)).not.includes('Contested');
    await triggers.delete('scaled');
  });

  for (const { name, what, writes, query, contentType, says } of OTHERS) {
    it(`tells of another manager that ${what} again and again`, async () => {
      const { namespace, admin } = kubernetes();
      const ns = await namespace();
      const triggers = triggersIn(kubernetes(), ns);
      await triggers.apply(name);
      await triggers.condition(name, 'Ready', 'Running');
      const path = deploymentPath(ns, `${name}-pulsar`);
      const before = await contests();
      let theirs = '';
      const fight = async () => {
        const deployment = await admin.get(path);
        // Their own change is still there.
        if (deployment.metadata.resourceVersion === theirs) return;
        const written = await admin.patch(`${path}?${query}`, writes(deployment), contentType);
        theirs = written.metadata.resourceVersion;
      };
      const event = await waitFor(
        async () => {
          await fight();
          const { items } = await admin.get<{ items: readonly ApiObject[] }>(eventsPath(ns));
          return items.find(({ reason }) => reason === 'Contested');
        },
        { what: 'the Event', timeout: 20_000, interval: 20 },
      );
      expect(event).include({ type: 'Warning', action: 'Apply' });
      expect(event.regarding).include({ kind: 'PulsarTrigger', name });
      for (const words of [...says, 'Have the other leave these fields alone']) expect(event.note).includes(words);
      expect(await contests()).greaterThanOrEqual(before + 2);
      await triggers.delete(name);
    });
  }

  it('tells of another manager that writes to a status again and again, and writes ever less often', async () => {
    const { namespace, admin, auditEvents } = kubernetes();
    const ns = await namespace();
    const triggers = triggersIn(kubernetes(), ns);
    await triggers.apply('status');
    await triggers.condition('status', 'Ready', 'Running');
    const path = `${triggerPath(ns, 'status')}/status`;
    const ours = async () =>
      (await auditEvents()).filter(({ uri, user }) => uri.startsWith(path) && user.includes(release.namespace)).length;
    const before = await ours();
    let theirs = '';
    const isSpent = async () => {
      const { metadata } = await triggers.get('status');
      if (metadata.resourceVersion === theirs) return false;
      const written = await admin.patch(`${path}?fieldManager=other`, { status: { replicas: 99 } });
      theirs = written.metadata.resourceVersion;
      const { items } = await admin.get<{ items: readonly ApiObject[] }>(eventsPath(ns));
      return items.find(({ reason }) => reason === 'Contested');
    };
    const event = await waitFor(isSpent, { what: 'the Event', timeout: 20_000, interval: 1 });
    expect(event.note).includes('sets: "other" in the status. Have it leave the status alone.');
    // At once, and after waits of 0.2 s or more.
    expect((await ours()) - before).within(2, 6);
    await triggers.delete('status');
  });

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

  async function contests(): Promise<number> {
    const { body } = await controller.get('/metrics');
    return Number(/^kubeless_controller_contested_total (\d+)$/m.exec(body)?.[1]);
  }

  /** How often the controller applied a Deployment. */
  async function applied(): Promise<number> {
    const { body } = await controller.get('/metrics');
    return Number(/^kubeless_controller_writes_total\{what="deployment",result="done"\} (\d+)$/m.exec(body)?.[1] ?? 0);
  }

  /** Writes of the controller that failed, by what. */
  async function writes(): Promise<readonly string[]> {
    const { body } = await controller.get('/metrics');
    return linesOf(body).filter((line) => line.includes('writes_total{') && line.includes('failed'));
  }
});

function eventsPath(namespace: string): string {
  return `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
