/** Whoever may write triggers, but no Deployments, changes nothing of what runs. */
import { expect } from 'chai';
import { kinds } from '../../api/kinds/index.ts';
import { parseTrigger } from '../../api/trigger.ts';
import type { KubeClient } from '../../controller/kube/client.ts';
import { renderDeployment } from '../../controller/render/deployment.ts';
import { CHART } from '../support/helm.ts';
import { pathsRead } from '../support/paths-read.ts';
import { OPTIONS, triggerObject } from '../support/rendered.ts';
import { triggerPath } from '../support/trigger-objects.ts';
import { useHelm } from '../support/use-helm.ts';
import { waitFor } from '../support/wait-for.ts';
import { useOwnCluster } from './chart/own-cluster.ts';
import { createPeople, type People } from './chart/people.ts';

const MARK = 'kubeless.io/dispatcher';

/** The paths of a trigger that its rendering depends on, as the code reads them. */
function inputs(): readonly (readonly string[])[] {
  const annotations = { [MARK]: 'current', note: 'x' };
  const object = { ...triggerObject({ annotations }), status: { replicas: 1 } };
  const written = { ...object, metadata: { ...object.metadata, labels: { team: 'a' }, generation: 1 } };
  return pathsRead(written, (read) => {
    const parsed = parseTrigger(read);
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
    renderDeployment(parsed.trigger, read, OPTIONS);
  });
}

/** Another value of each field of a spec. */
const CHANGES: Readonly<Record<string, unknown>> = {
  pulsar: { topic: 'others' },
  kubeless: { function: 'http://others.default:8080' },
  delivery: { timeout: '7s' },
  filters: [{ exact: { a: 'b' } }],
  scaling: { replicas: 2 },
  paused: true,
  deployment: { spec: { template: { spec: { serviceAccountName: 'privileged' } } } },
};

describe('the admission policy', function () {
  this.timeout(120_000);
  const cluster = useOwnCluster();
  const helm = useHelm(() => cluster().kubeconfig);
  let people: People;
  let release: string;
  let team: string;
  let other: string;
  let writer: KubeClient;
  let editor: KubeClient;

  before(async () => {
    [release, team, other] = [await cluster().namespace(), await cluster().namespace(), await cluster().namespace()];
    await helm()('upgrade', '--install', 'kpt', CHART, '-n', release);
    const path = '/apis/kubeless.io/v1/pulsartriggers';
    await waitFor(() => cluster().admin.get(path), { what: 'the kind PulsarTrigger', timeout: 30_000 });
    people = createPeople(cluster(), team);
    await people.policy();
    [writer, editor] = [await people.writer('writer'), await people.somebody('editor', 'admin')];
    const isMade = async () => (await people.create(editor, 'made')) === undefined;
    await waitFor(isMade, { what: 'the role to be aggregated', timeout: 30_000 });
  });
  after(async () => {
    await people?.close();
    await helm()('uninstall', 'kpt', '-n', release, '--ignore-not-found');
    await cluster().kubectl('delete', 'crd', 'pulsartriggers.kubeless.io', '--ignore-not-found');
  });

  const refusesPolicy = async (body: object) => {
    const refused = await people.patch(writer, 'made', body);
    expect(refused?.status, JSON.stringify(body)).equals(403);
    expect(refused?.message).includes(`a Deployment in namespace ${team}, where system:serviceaccount:${team}:writer`);
  };

  for (const path of inputs().filter(([first]) => first !== 'spec')) {
    it(`or the API server refuses another ${path.join('.')}`, async () => {
      const body = path.reduceRight<unknown>((value, field) => ({ [field]: value }), 'original');
      // Who a trigger is can't be changed by anybody.
      const isIdentity = path.length === 1 || ['name', 'namespace', 'uid'].includes(path.at(-1) ?? '');
      if (!isIdentity) return refusesPolicy(body as object);
      expect(await people.patch(writer, 'made', body as object)).not.equals(undefined);
    });
  }

  for (const field of new Set(kinds.flatMap(({ spec }) => Object.keys(spec.properties)))) {
    it(`refuses another spec.${field}`, () => {
      if (!Object.hasOwn(CHANGES, field)) throw new Error(`write another ${field} into CHANGES`);
      return refusesPolicy({ spec: { [field]: CHANGES[field] } });
    });
  }

  it('refuses that an annotation which decides goes away, alone or with all', async () => {
    const annotations = { [MARK]: 'original', note: 'x' };
    expect(await people.patch(editor, 'made', { metadata: { annotations } })).equals(undefined);
    await refusesPolicy({ metadata: { annotations: { [MARK]: null } } });
    await refusesPolicy({ metadata: { annotations: null } });
    expect(await people.patch(writer, 'made', { metadata: { annotations: { note: null } } })).equals(undefined);
    expect(await people.patch(editor, 'made', { metadata: { annotations: null } })).equals(undefined);
  });

  it('lets everybody who may write triggers change labels and other annotations', async () => {
    const note = { team: 'a', 'example.com/note': 'b' };
    expect(await people.patch(writer, 'made', { metadata: { labels: note, annotations: note } })).equals(undefined);
    expect(await people.patch(writer, 'made', { metadata: { labels: null, annotations: null } })).equals(undefined);
  });

  const ODD: readonly (readonly [deployment: unknown, sentence: string])[] = [
    [{ metadata: [] }, 'spec.deployment.metadata is a list. Write an object, with fields, or leave it out.'],
    [{ metadata: 'x' }, 'spec.deployment.metadata is "x". Write an object, with fields, or leave it out.'],
    [{ metadata: '$remove' }, 'spec.deployment.metadata is "$remove". Write an object, with fields, or leave it out.'],
    [{ metadata: 5 }, 'spec.deployment.metadata is 5. Write an object, with fields, or leave it out.'],
    [
      { metadata: { namespace: ['x'] } },
      'spec.deployment.metadata.namespace is a list. Write the name of a namespace, or leave it out.',
    ],
    [
      { metadata: { namespace: { a: 1 } } },
      'spec.deployment.metadata.namespace is an object. Write the name of a namespace, or leave it out.',
    ],
    [
      { metadata: { namespace: 1.5 } },
      'spec.deployment.metadata.namespace is 1.5. Write the name of a namespace, or leave it out.',
    ],
    [
      { metadata: { namespace: true } },
      'spec.deployment.metadata.namespace is true. Write the name of a namespace, or leave it out.',
    ],
  ];
  for (const [index, [deployment, sentence]] of ODD.entries()) {
    it(`says in a sentence what is wrong with ${JSON.stringify(deployment)}`, async () => {
      for (const client of [writer, editor]) {
        const refused = await people.create(client, `odd-${index}`, deployment);
        expect(refused?.status).equals(422);
        expect(refused?.message).includes(`denied request: ${sentence}`);
      }
    });
  }

  const HERE: readonly unknown[] = [
    null,
    {},
    { metadata: null },
    { metadata: {} },
    { metadata: { namespace: null } },
    { metadata: { namespace: '$remove' } },
    { metadata: { namespace: '' } },
  ];
  for (const [index, deployment] of HERE.entries()) {
    it(`takes ${JSON.stringify(deployment)} for the trigger’s own namespace`, async () => {
      const name = `here-${index}`;
      expect((await people.create(writer, name, deployment))?.message).includes(`in namespace ${team}, where`);
      expect(await people.create(editor, name, deployment)).equals(undefined);
      await editor.request({ method: 'DELETE', path: triggerPath(team, name) });
    });
  }

  it('asks for the right to make Deployments where an override puts one', async () => {
    const refused = await people.create(editor, 'elsewhere', { metadata: { namespace: other } });
    expect(refused?.message).includes(`in namespace ${other}, where system:serviceaccount:${team}:editor`);
  });
});
