/** What the controller may do, as kubectl tells it: the list of docs/security.md and no more. */
import { expect } from 'chai';
import { kinds } from '../../api/kinds/index.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { type ControllerRelease, installController } from '../support/controller-release.ts';
import { deploymentPath, triggersIn } from '../support/trigger-objects.ts';
import { waitFor } from '../support/wait-for.ts';

const plurals = kinds.map(({ plural }) => `${plural}.kubeless.io`);

/** Verbs, sorted, by resource. */
const MAY: Readonly<Record<string, string>> = {
  ...Object.fromEntries(plurals.map((plural) => [plural, 'get list watch'])),
  ...Object.fromEntries(plurals.map((plural) => [`${plural}/status`, 'patch'])),
  ...Object.fromEntries(plurals.map((plural) => [`${plural}/finalizers`, 'update'])),
  'deployments.apps': 'create delete get list patch watch',
  services: 'get list watch',
  pods: 'get list watch',
  namespaces: 'get list watch',
  events: 'list',
  'events.events.k8s.io': 'create patch',
};

/** Whoever logs in may ask who they are and what they may do. */
const EVERYBODY = /^self[a-z]+reviews\./;

describe("the controller's permissions", function () {
  this.timeout(60_000);
  const kubernetes = useKubernetes();
  const releases: ControllerRelease[] = [];
  after(() => Promise.all(releases.map((release) => release.uninstall())));

  const install = async (set: Readonly<Record<string, string>> = {}) => {
    const release = await installController(kubernetes(), set);
    releases.push(release);
    return release;
  };

  it('are those of the list, everywhere', async () => {
    const release = await install();
    expect(await mayIn(release, await kubernetes().namespace())).to.deep.equal(MAY);
  });

  it('are the Lease too in the namespace of the release', async () => {
    const release = await install();
    const leases = { 'leases.coordination.k8s.io': 'create get update' };
    expect(await mayIn(release, release.namespace)).to.deep.equal({ ...MAY, ...leases });
  });

  it('hold only in the namespaces that are watched, where some are named', async () => {
    const watched = await kubernetes().namespace();
    const release = await install({ 'watchNamespaces[0]': watched });
    expect(await mayIn(release, watched)).to.deep.equal({ ...MAY, namespaces: 'get' });
    expect(await mayIn(release, await kubernetes().namespace())).to.deep.equal({});
  });

  it('are enough where some namespaces are named', async () => {
    const { admin, namespace } = kubernetes();
    const first = await namespace();
    const second = await namespace({ annotations: { 'kubeless.io/triggers-from': first } });
    const release = await install({ 'watchNamespaces[0]': first, 'watchNamespaces[1]': second });
    const controller = release.start();
    await controller.ready();
    const triggers = triggersIn(kubernetes(), first);
    await triggers.apply('here');
    await triggers.condition('here', 'Ready', 'Running', 20_000);
    await triggers.apply('there', { deployment: { metadata: { namespace: second } } });
    const found = async () => (await admin.get(deploymentPath(second))).items.length;
    await waitFor(async () => (await found()) === 1, { what: 'the Deployment in the second namespace' });
    await triggers.apply('elsewhere', { deployment: { metadata: { namespace: 'default' } } });
    await triggers.condition('elsewhere', 'Ready', 'NamespaceNotAllowed');
    await triggers.delete('there');
    await waitFor(async () => (await found()) === 0, { what: 'no Deployment in the second namespace' });
    expect(controller.output).not.to.match(/forbidden/i);
    for (const name of ['here', 'elsewhere']) await triggers.delete(name);
  });

  async function mayIn(
    { kubeconfig }: ControllerRelease,
    namespace: string,
  ): Promise<Readonly<Record<string, string>>> {
    const table = await kubernetes().kubectl('--kubeconfig', kubeconfig, 'auth', 'can-i', '--list', '-n', namespace);
    const lines = table.trimEnd().split('\n').slice(1);
    // Resource, URLs, names, verbs; a rule about URLs has no resource.
    const rules = lines.map((line) => /^(\S+)\s+\[(.*?)\]\s+\[(.*?)\]\s+\[(.*?)\]$/.exec(line) ?? []);
    const entries = rules.flatMap(([, resource = '', , names, verbs = '']) =>
      resource === '' || EVERYBODY.test(resource) ? [] : [[`${resource}${names && ` ${names}`}`, sorted(verbs)]],
    );
    return Object.fromEntries(entries);
  }
});

function sorted(verbs: string): string {
  return verbs.split(' ').sort().join(' ');
}
