/** A Deployment whose override is taken back is the same as one that never had it. */
import { expect } from 'chai';
import type { ApiObject, KubernetesAdmin } from '../../servers/kubernetes/admin.ts';
import { useNamespaces } from '../../servers/kubernetes/shared.ts';
import { givenOf, type Overridden, rendered } from '../../support/rendered.ts';
import { leftoverRows } from './leftover-rows.ts';
import { apply, deploymentPath } from './stored.ts';

describe('nothing is left of an override of', function () {
  this.timeout(60_000);
  const kubernetes = useNamespaces();
  let admin: KubernetesAdmin;
  let namespace = '';
  let bare: unknown;

  before(async () => {
    ({ admin } = kubernetes());
    namespace = await kubernetes().namespace();
    bare = await neverChanged({});
  });
  afterEach(() => admin.delete(deploymentPath(namespace, 'orders-pulsar')));

  const manifest = (overridden: Overridden) =>
    rendered({ uid: undefined, ...givenOf({ ...overridden, namespace }) }).deployment;

  /** Resolves with the spec of a Deployment that was made just so. */
  async function neverChanged(overridden: Overridden): Promise<unknown> {
    const { metadata, ...rest } = manifest(overridden);
    const anew = { ...rest, metadata: { ...metadata, name: 'anew' } };
    return (await admin.post<ApiObject>(deploymentPath(namespace), anew, { dryRun: 'All' })).spec;
  }

  const reapply = async (overridden: Overridden = {}) =>
    (await apply(admin, { ...overridden, namespace })).deployment.spec;

  const rows = Object.entries(leftoverRows);
  for (const [index, [what, overridden]] of rows.entries()) {
    const [earlier, before] = rows.at(index - 1) ?? ['', {}];
    it(`${what}, nor in it of ${earlier}`, async () => {
      await reapply(before);
      expect(await reapply(overridden)).eql(await neverChanged(overridden));
      expect(await reapply()).eql(bare);
    });
  }

  it('serviceAccountName, where a controller that stated none left its alias', async () => {
    const { spec, ...rest } = manifest({});
    const path = deploymentPath(namespace, 'orders-pulsar');
    const as = async (serviceAccountName?: string) => {
      const { template, ...others } = spec as { template: { spec: object } };
      const pod = { ...template.spec, serviceAccountName };
      const body = { ...rest, spec: { ...others, template: { ...template, spec: pod } } };
      return (await admin.apply(path, body, { fieldManager: 'kubeless-triggers' })).spec.template.spec;
    };
    await as('privileged');
    expect(await as()).property('serviceAccount', 'privileged');
    expect(await reapply()).eql(bare);
  });
});
