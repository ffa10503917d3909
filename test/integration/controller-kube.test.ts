/** Client and informers of the controller against the real API server. */
import { expect } from 'chai';
import fc from 'fast-check';
import { createLogger } from '../../common/logger.ts';
import { createKubeClient, type KubeClient, KubeError } from '../../controller/kube/client.ts';
import { type Change, createInformer, type Informer } from '../../controller/kube/informer.ts';
import type { KubeObject } from '../../controller/kube/objects.ts';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Link, startLink } from './controller-kube-link.ts';
import { allow } from './controller-kube-role.ts';

describe('controller and API server', function () {
  this.timeout(120_000);
  const kubernetes = useKubernetes();
  const closing: (() => Promise<unknown> | unknown)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  describe('client', () => {
    it('acts as its ServiceAccount, and says what it may not do', async () => {
      const { admin } = kubernetes();
      const ns = await kubernetes().namespace();
      await allow(kubernetes(), ns, 'reader', { apiGroups: [''], resources: ['services'], verbs: ['list'] });
      const client = createClient(await kubernetes().serviceAccountKubeconfig(ns, 'reader'));
      const services = `/api/v1/namespaces/${ns}/services`;
      await waitFor(() => client.request({ method: 'GET', path: services }), { what: 'the role to count' });

      const maps = `/api/v1/namespaces/${ns}/configmaps`;
      const error = await failure(client.request({ method: 'POST', path: maps, body: { metadata: { name: 'a' } } }));
      expect(error).to.include({ status: 403, reason: 'Forbidden' });
      expect(error.message).to.match(/^configmaps is forbidden: User "system:serviceaccount:.*:reader" cannot create/);
      expect(await admin.find(`${maps}/a`)).to.equal(undefined);
    });

    it('is told about conflicts, bad objects and missing ones', async () => {
      const client = createClient();
      const path = `/api/v1/namespaces/${await kubernetes().namespace()}/configmaps`;
      const made = await client.request<KubeObject>({ method: 'POST', path, body: { metadata: { name: 'a' } } });
      await client.request({ method: 'PUT', path: `${path}/a`, body: { ...made, data: { a: '1' } } });
      const failures = [
        client.request({ method: 'PUT', path: `${path}/a`, body: { ...made, data: { a: '2' } } }),
        client.request({ method: 'POST', path, body: { metadata: { name: 'a' } } }),
        client.request({ method: 'POST', path, body: { metadata: { name: 'NO NAME' } } }),
        client.request({ method: 'GET', path: `${path}/b` }),
      ].map(async (call) => (await failure(call)).reason);
      expect(await Promise.all(failures)).to.deep.equal(['Conflict', 'AlreadyExists', 'Invalid', 'NotFound']);
    });
  });

  describe('informer', () => {
    it('goes on over a restart of the API server', async () => {
      const { admin, restart } = kubernetes();
      const { informer, path } = await watchMaps(createClient());
      await admin.post(path, { metadata: { name: 'before' } });
      await has(informer, 'before');
      await restart('kube-apiserver');
      await admin.post(path, { metadata: { name: 'after' } });
      await has(informer, 'before', 'after');
    });

    it('finds what changed while it was away, though all of that is compacted', async () => {
      const { admin, compact } = kubernetes();
      const { link, client } = await linkedClient();
      const { informer, path, changes } = await watchMaps(client);
      for (const name of ['kept', 'gone', 'changed', 'remade']) await admin.post(path, { metadata: { name } });
      await has(informer, 'kept', 'gone', 'changed', 'remade');
      changes.splice(0);

      link.sever();
      await admin.delete(`${path}/gone`);
      await admin.delete(`${path}/remade`);
      await admin.post(path, { metadata: { name: 'remade' } });
      await admin.patch(`${path}/changed`, { data: { a: '1' } });
      await admin.post(path, { metadata: { name: 'new' } });
      await compact();
      link.mend();
      await has(informer, 'kept', 'changed', 'remade', 'new');
      await waitFor(() => changes.length >= 5, { what: 'five changes' });
      expect(changes.map(describeChange)).to.have.members(['-gone', '-remade', '+remade', 'changed', '+new']);
    });

    it('lists more than a page', async () => {
      const { admin } = kubernetes();
      const path = `/api/v1/namespaces/${await kubernetes().namespace()}/configmaps`;
      const names = Array.from({ length: 250 }, (_, index) => `map-${index}`);
      for (let at = 0; at < names.length; at += 50) {
        await Promise.all(names.slice(at, at + 50).map((name) => admin.post(path, { metadata: { name } })));
      }
      const { informer } = await watchMaps(createClient(), path);
      expect(own(informer).map(({ metadata }) => metadata.name)).to.have.members(names);
    });

    it('holds what the server holds after any writes, and tells each difference, however often it is cut off', async () => {
      const { admin, namespace } = kubernetes();
      const { link, client } = await linkedClient();
      const paths = [await namespace(), await namespace()].map((ns) => `/api/v1/namespaces/${ns}/configmaps`);
      const told = new Map<string, string>();
      const problems: string[] = [];
      const onChange = ({ before, after }: Change<KubeObject>) => {
        if (before !== undefined && before.metadata.resourceVersion !== told.get(before.metadata.uid)) {
          problems.push(`${version(before)} was not what was told before`);
        }
        if (before !== undefined) told.delete(before.metadata.uid);
        if (after !== undefined) told.set(after.metadata.uid, after.metadata.resourceVersion);
      };
      const informers = paths.map((path) => createInformer({ ...options(client, onChange), path }));
      closing.push(() => Promise.all(informers.map((each) => each.stop())));
      for (const each of informers) each.start();
      await Promise.all(informers.map((each) => each.synced));
      const held = () =>
        informers
          .flatMap((each) => [...each.list()])
          .map(version)
          .sort();

      const write = fc.record({
        kind: fc.constantFrom('write', 'write', 'delete', 'cut'),
        path: fc.constantFrom(...paths),
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        value: fc.nat(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(write, { minLength: 30, maxLength: 60 }), async (writes) => {
          for (const { kind, path, name, value } of writes) {
            if (kind === 'cut') link.cut();
            else if (kind === 'delete') await admin.delete(`${path}/${name}`);
            else await admin.apply(`${path}/${name}`, { ...MAP, metadata: { name }, data: { value: String(value) } });
          }
          const there = (await Promise.all(paths.map(list))).flat().map(version).sort();
          await waitFor(() => held().join() === there.join(), {
            what: () => `${there}, in place of ${held()}`,
          });
          expect([...told].map((pair) => pair.join('@')).sort()).to.deep.equal(there);
          expect(problems).to.deep.equal([]);
        }),
        { numRuns: 12 },
      );
    });
  });

  function createClient(kubeconfig = kubernetes().kubeconfig): KubeClient {
    const client = createKubeClient({ kubeconfig });
    closing.push(() => client.close());
    return client;
  }

  /** A client whose connections can be cut without anybody else noticing. */
  async function linkedClient(): Promise<{ link: Link; client: KubeClient }> {
    const link = await startLink(kubernetes());
    closing.push(() => link.close());
    return { link, client: createClient(link.kubeconfig) };
  }

  /** Watches the ConfigMaps of a new namespace. */
  async function watchMaps(client: KubeClient, given?: string) {
    const path = given ?? `/api/v1/namespaces/${await kubernetes().namespace()}/configmaps`;
    const changes: Change<KubeObject>[] = [];
    const informer = createInformer({ ...options(client, (change) => changes.push(change)), path });
    closing.push(() => informer.stop());
    informer.start();
    await informer.synced;
    return { informer, path, changes };
  }

  function options(client: KubeClient, onChange: (change: Change<KubeObject>) => void) {
    const trim = ({ metadata }: KubeObject) => ({ metadata });
    // One that Kubernetes puts into each namespace on its own.
    const query = { fieldSelector: 'metadata.name!=kube-root-ca.crt' };
    return { client, resource: 'configmaps', query, trim, onChange, logger: createLogger('silent') };
  }

  async function list(path: string): Promise<readonly ApiObject[]> {
    const query = { fieldSelector: 'metadata.name!=kube-root-ca.crt' };
    return (await kubernetes().admin.get<{ items: readonly ApiObject[] }>(path, query)).items;
  }
});

const MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

function own(informer: Informer<KubeObject>): readonly KubeObject[] {
  return [...informer.list()];
}

async function has(informer: Informer<KubeObject>, ...names: readonly string[]): Promise<void> {
  const there = () => own(informer).map(({ metadata }) => metadata.name);
  await waitFor(() => there().sort().join() === names.toSorted().join(), {
    timeout: 20_000,
    what: () => `${names}: ${there()}`,
  });
}

function describeChange({ before, after }: Change<KubeObject>): string {
  if (before === undefined) return `+${after?.metadata.name}`;
  return after === undefined ? `-${before.metadata.name}` : after.metadata.name;
}

function version({
  metadata,
}: {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}): string {
  return `${metadata.uid}@${metadata.resourceVersion}`;
}

async function failure(call: Promise<unknown>): Promise<KubeError> {
  const error = await call.then(
    () => expect.fail('it was not rejected'),
    (reason: unknown) => reason,
  );
  expect(error).to.be.an.instanceOf(KubeError);
  return error as KubeError; // just checked
}
