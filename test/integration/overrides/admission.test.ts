/** What is rendered without an override is admitted, and says to its pods what the original said. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { main } from '../../../cli/main.ts';
import type { ApiObject } from '../../servers/kubernetes/admin.ts';
import { useNamespaces } from '../../servers/kubernetes/shared.ts';
import { type Overridden, triggerObject } from '../../support/rendered.ts';
import { waitFor } from '../../support/wait-for.ts';
import { recordedTerminal } from '../../unit/cli/recorded-terminal.ts';
import { apply, storedOf } from './stored.ts';

const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };

describe('Pod Security "restricted"', function () {
  this.timeout(60_000);
  const kubernetes = useNamespaces();

  const outcome = async (overridden: Overridden) => {
    const { admin, namespace: createNamespace } = kubernetes();
    const namespace = await createNamespace({ labels: RESTRICTED });
    const { deployment } = await apply(admin, { ...overridden, namespace });
    return waitFor(
      async () => {
        const { items } = await admin.get<{ items: ApiObject[] }>(`/api/v1/namespaces/${namespace}/pods`);
        if (items.length > 0) return 'admitted';
        const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment.metadata.name}`;
        const { conditions = [] } = (await admin.get(path)).status ?? {};
        return conditions.find(({ type }: { type: string }) => type === 'ReplicaFailure')?.message as
          | string
          | undefined;
      },
      { what: 'a pod, or why there is none' },
    );
  };

  it('admits what is rendered', async () => {
    expect(await outcome({})).equals('admitted');
  });

  it('admits what is rendered with Secrets', async () => {
    const pulsar = { authTokenSecret: { name: 'pulsar', key: 'token' }, tls: { certSecret: { name: 'login' } } };
    expect(await outcome({ pulsar })).equals('admitted');
  });

  it('refuses an override that gives a protection up', async () => {
    const message = await outcome({ pod: { securityContext: { runAsNonRoot: '$remove' } } });
    expect(message).includes('violates PodSecurity').and.includes('runAsNonRoot');
  });
});

describe('the manifests of the original', function () {
  this.timeout(60_000);
  const kubernetes = useNamespaces();

  const LISTS = {
    'of its code': 'TRIGGER_NAME TRIGGER_NAMESPACE TZ PULSAR_TOPIC PULSAR_BROKER PULSAR_AUTH_TOKEN KUBELESS_FUNCTION',
    'of its README':
      'PULSAR_TOPIC_NAMESPACE PULSAR_TOPIC_NAME PULSAR_BROKER PULSAR_AUTH_TOKEN KUBELESS_FUNCTION KUBELESS_FUNCTION_NAMESPACE ' +
      'KUBELESS_FUNCTION_PORT KUBELESS_FUNCTION_SCHEMA TRIGGER_NAME TRIGGER_NAMESPACE TIMEZONE',
  };
  for (const file of ['original-minimal.yaml', 'original-deployment.yaml']) {
    it(`${file} becomes pods with the variables of both lists and TRIGGER`, async () => {
      const { kubectl, namespace: createNamespace, admin } = kubernetes();
      const namespace = await createNamespace();
      const text = readFileSync(new URL(`../../corpus/good/${file}`, import.meta.url), 'utf8');
      await applyPrinted(
        text.replace('another-namespace', namespace).replace('namespace: default', `namespace: ${namespace}`),
      );
      const pod = await waitFor(
        async () => (await admin.get<{ items: ApiObject[] }>(`/api/v1/namespaces/${namespace}/pods`)).items[0],
        { what: 'the pod' },
      );
      const { env } = pod.spec.containers[0];
      const names = env.map(({ name }: { name: string }) => name);
      for (const list of Object.values(LISTS)) expect(names).to.include.members(list.split(' '));
      expect(names).includes('TRIGGER');
      expect(await kubectl('get', 'deployments', '--namespace', namespace, '--output', 'name')).includes(
        'mytrigger-pulsar',
      );
    });
  }

  it('are applied by kubectl as they are printed, whatever looks like true or a number', async () => {
    const { namespace: createNamespace, admin } = kubernetes();
    const namespace = await createNamespace();
    const env = ['on', 'y', '012', '1_000', '1:30', '0x1f', '~', '1e3', '2020-01-01', 'a: b', 'x\ny\n', '#', '- -'].map(
      (value, index) => ({ name: `V${index}`, value }),
    );
    const object = triggerObject({
      namespace,
      deployment: { spec: { template: { spec: { containers: [{ env }] } } } },
    });
    const { metadata, ...rest } = object;
    const { name } = metadata;
    await applyPrinted(JSON.stringify({ ...rest, metadata: { name, namespace } }));
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/orders-pulsar`;
    expect(storedOf(await admin.get(path)).dispatcher.env.slice(-env.length)).eql(env);
  });

  async function applyPrinted(trigger: string): Promise<void> {
    const terminal = recordedTerminal(trigger);
    const exitCode = await main(['render', '-f', '-'], { version: '1.2.3', terminal });
    if (exitCode !== 0) throw new Error(terminal.complaints.join('\n'));
    const [yaml = ''] = terminal.printed;
    expect(load(yaml)).property('kind', 'Deployment');
    await kubernetes().applyYaml(yaml);
  }
});
