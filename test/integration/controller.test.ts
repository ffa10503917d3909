/** The controller on a real API server, with the chart's permissions: triggers become Deployments, and go with them. */
import { expect } from 'chai';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { type ControllerProcess, type ControllerRelease, installController } from '../support/controller-release.ts';
import { originalDeployment, originalManifest } from '../support/original-manifests.ts';
import { deploymentPath, triggerPath, triggersIn } from '../support/trigger-objects.ts';
import { waitFor } from '../support/wait-for.ts';

/** Both lists of the original's documentation, and ours. */
const ENVIRONMENT = {
  TRIGGER_NAME: 'mytrigger',
  TZ: 'UTC',
  TIMEZONE: 'UTC',
  PULSAR_TOPIC: 'persistent://public/default/mytopic',
  PULSAR_TOPIC_NAMESPACE: 'public/default',
  PULSAR_TOPIC_NAME: 'mytopic',
  PULSAR_BROKER: 'pulsar://pulsar.addr:6650',
  PULSAR_AUTH_TOKEN: 'nnn',
  KUBELESS_FUNCTION: 'http://myfunction.default:8080',
  KUBELESS_FUNCTION_NAMESPACE: 'default',
  KUBELESS_FUNCTION_PORT: '8080',
  KUBELESS_FUNCTION_SCHEMA: 'http',
};

describe('the controller', function () {
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

  const podsOf = async (namespace: string): Promise<readonly ApiObject[]> => {
    const { items } = await kubernetes().admin.get(`/api/v1/namespaces/${namespace}/pods`);
    return items;
  };
  const deploymentsIn = async (namespace: string): Promise<readonly ApiObject[]> => {
    const { items } = await kubernetes().admin.get(deploymentPath(namespace));
    return items;
  };
  /** The garbage collector hears of a new CRD half a minute later. */
  const noneIn = (namespace: string) =>
    waitFor(async () => (await deploymentsIn(namespace)).length === 0, {
      timeout: 50_000,
      what: `no Deployment in ${namespace}`,
    });

  /** The environment of the first container of the namespace's only pod. */
  const environmentIn = async (namespace: string): Promise<Readonly<Record<string, string>>> => {
    const what = `a pod in ${namespace}`;
    const [pod] = await waitFor(async () => ((await podsOf(namespace)).length > 0 ? podsOf(namespace) : undefined), {
      what,
    });
    const entries: readonly { name: string; value: string }[] = pod?.spec.containers[0].env;
    return Object.fromEntries(entries.map(({ name, value }) => [name, value]));
  };

  it('makes a Deployment of the original manifest without a deployment, and deletes it with the trigger', async () => {
    const { namespace, applyYaml, admin } = kubernetes();
    const ns = await namespace();
    await applyYaml(originalManifest({ namespace: ns }));
    const environment = await environmentIn(ns);
    expect(environment).to.include({ ...ENVIRONMENT, TRIGGER_NAMESPACE: ns });
    expect(JSON.parse(environment.TRIGGER ?? '')).to.deep.equal({
      apiVersion: 'kubeless.io/v1',
      kind: 'PulsarTrigger',
      name: 'mytrigger',
      namespace: ns,
      spec: {
        kubeless: { function: 'http://myfunction.default:8080' },
        pulsar: { broker: 'pulsar://pulsar.addr:6650', topic: 'persistent://public/default/mytopic' },
      },
      v: 1,
    });
    await admin.delete(triggerPath(ns, 'mytrigger'));
    await noneIn(ns);
  });

  it("makes a Deployment of the original's second manifest in another namespace that allows it", async () => {
    const { namespace, applyYaml, admin } = kubernetes();
    const ns = await namespace();
    const other = await namespace({ annotations: { 'kubeless.io/triggers-from': ns } });
    await applyYaml(originalManifest({ namespace: ns }) + originalDeployment(other));
    expect(await environmentIn(other)).to.include({ ...ENVIRONMENT, TRIGGER_NAMESPACE: ns });
    expect(await environmentIn(other)).to.have.property('TRIGGER');
    const [deployment] = await deploymentsIn(other);
    expect(deployment?.spec.template.spec.containers).to.have.length(1);
    expect(deployment?.spec.template.spec.containers[0].resources).to.deep.equal({
      limits: { cpu: '4', memory: '1Gi' },
      requests: { cpu: '1', memory: '512Mi' },
    });
    expect(await deploymentsIn(ns)).to.deep.equal([]);
    await admin.delete(triggerPath(ns, 'mytrigger'));
    await noneIn(other);
  });

  it('makes nothing in a namespace that does not allow it, and says how it would', async () => {
    const { namespace, applyYaml, kubectl } = kubernetes();
    const ns = await namespace();
    const other = await namespace();
    await applyYaml(originalManifest({ namespace: ns }) + originalDeployment(other));
    const triggers = triggersIn(kubernetes(), ns);
    const { message } = await triggers.condition('mytrigger', 'Ready', 'NamespaceNotAllowed');
    const command = /kubectl (annotate namespace \S+ \S+)/.exec(message)?.[1] ?? '';
    expect(await deploymentsIn(other)).to.deep.equal([]);

    await kubectl(...command.split(' '));
    await waitFor(async () => (await deploymentsIn(other)).length === 1, {
      what: 'the Deployment that is allowed now',
    });

    await kubectl('annotate', 'namespace', other, 'kubeless.io/triggers-from-');
    await noneIn(other);
    await triggers.delete('mytrigger');
  });

  it('moves the Deployment when the trigger wants it elsewhere', async () => {
    const { namespace, applyYaml } = kubernetes();
    const ns = await namespace();
    const other = await namespace({ annotations: { 'kubeless.io/triggers-from': '*' } });
    const triggers = triggersIn(kubernetes(), ns);
    await applyYaml(originalManifest({ namespace: ns }));
    await triggers.deployment('mytrigger');
    await applyYaml(originalManifest({ namespace: ns }) + originalDeployment(other));
    await waitFor(async () => (await deploymentsIn(other)).length === 1, { what: 'the Deployment in the other place' });
    await noneIn(ns);
    await applyYaml(originalManifest({ namespace: ns }));
    await triggers.deployment('mytrigger');
    await noneIn(other);
    await triggers.delete('mytrigger');
  });

  it('deletes what belongs to triggers that were deleted while it was down', async () => {
    const { namespace, applyYaml, admin } = kubernetes();
    const ns = await namespace();
    const other = await namespace({ annotations: { 'kubeless.io/triggers-from': ns } });
    await applyYaml(originalManifest({ namespace: ns }) + originalDeployment(other));
    await waitFor(async () => (await deploymentsIn(other)).length === 1, { what: 'the Deployment' });
    await controller.kill('SIGTERM');
    await admin.delete(triggerPath(ns, 'mytrigger'));
    controller = release.start();
    await noneIn(other);
  });

  it('looks after a trigger that was made anew under the same name', async () => {
    const ns = await kubernetes().namespace();
    const triggers = triggersIn(kubernetes(), ns);
    await triggers.apply('again');
    await triggers.deployment('again');
    await triggers.delete('again');
    const { metadata } = await triggers.apply('again');
    await waitFor(
      async () => {
        const [deployment, ...others] = await deploymentsIn(ns);
        const owners = deployment?.metadata.ownerReferences as readonly { readonly uid: string }[] | undefined;
        return others.length === 0 && owners?.length === 1 && owners[0]?.uid === metadata.uid;
      },
      { what: 'one Deployment of the new trigger' },
    );
    await triggers.condition('again', 'Ready', 'Running');
    await triggers.delete('again');
  });

  it('leaves alone a Deployment that is not its own, until that is gone', async () => {
    const { namespace, admin } = kubernetes();
    const ns = await namespace();
    const path = deploymentPath(ns, 'taken-pulsar');
    const labels = { app: 'other' };
    await admin.apply(path, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'taken-pulsar' },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'other', image: 'other' }] } },
      },
    });
    const triggers = triggersIn(kubernetes(), ns);
    await triggers.apply('taken');
    await triggers.condition('taken', 'Ready', 'NotOwned');
    expect((await admin.get(path)).spec.template.spec.containers[0].name).to.equal('other');
    await admin.delete(path);
    await triggers.condition('taken', 'Ready', 'Running', 30_000);
    await triggers.delete('taken');
  });

  it('takes back what others changed, and leaves them what is theirs', async () => {
    const { namespace, admin } = kubernetes();
    const ns = await namespace();
    const triggers = triggersIn(kubernetes(), ns);
    await triggers.apply('drift');
    const path = deploymentPath(ns, 'drift-pulsar');
    await triggers.condition('drift', 'Ready', 'Running');
    await admin.patch(path, {
      metadata: { labels: { 'kubeless.io/trigger-id': null, team: 'mine' } },
      spec: { replicas: 2, template: { spec: { terminationGracePeriodSeconds: 1 } } },
    });
    const mended = await waitFor(
      async () => {
        const { metadata, spec } = await admin.get(path);
        const labels = metadata.labels as Readonly<Record<string, string>>;
        const isMended = spec.template.spec.terminationGracePeriodSeconds > 1 && labels['kubeless.io/trigger-id'];
        return isMended ? { labels, spec } : undefined;
      },
      { what: 'the Deployment to be as rendered' },
    );
    expect(mended.labels).to.have.property('team', 'mine');
    expect(mended.spec.replicas).to.equal(2);
    await triggers.delete('drift');
  });

  it('writes nothing while nothing changes', async () => {
    const { namespace, auditEvents } = kubernetes();
    const ns = await namespace();
    const triggers = triggersIn(kubernetes(), ns);
    await triggers.apply('rest');
    await triggers.condition('rest', 'Ready', 'Running');
    const before = await writes();
    const leases = await waitFor(
      async () => {
        const renewed = (await auditEvents()).filter(({ resource, user }) => resource === 'leases' && isOurs(user));
        return renewed.length >= before.leases + 3 && renewed.length;
      },
      { timeout: 30_000, interval: 200, what: 'the Lease to be renewed three times' },
    );
    expect(leases).to.be.greaterThan(before.leases);
    expect((await writes()).others).to.deep.equal(before.others);
    await triggers.delete('rest');

    async function writes() {
      const ours = (await auditEvents()).filter(({ user }) => isOurs(user));
      return {
        leases: ours.filter(({ resource }) => resource === 'leases').length,
        others: ours.filter(({ resource }) => resource !== 'leases').map(({ verb, uri }) => `${verb} ${uri}`),
      };
    }
  });

  it('only says what it would write with --dry-run', async () => {
    const ns = await kubernetes().namespace();
    await controller.kill('SIGTERM');
    const triggers = triggersIn(kubernetes(), ns);
    await triggers.apply('dry');
    const dry = release.start({ args: ['--dry-run'] });
    await waitFor(() => dry.output.includes(`/namespaces/${ns}/deployments/dry-pulsar`), {
      timeout: 20_000,
      what: () => `a word about the Deployment\n${dry.output}`,
    });
    expect(await deploymentsIn(ns)).to.deep.equal([]);
    expect(await triggers.get('dry')).not.to.have.property('status');
    await dry.kill('SIGTERM');
    controller = release.start();
    await triggers.deployment('dry', 20_000);
    await triggers.delete('dry');
  });

  function isOurs(user: string): boolean {
    return user.startsWith(`system:serviceaccount:${release.namespace}:`);
  }
});
