/** A trigger's status tells the truth within ten seconds, and an Event tells it too. The pods are played by the test. */
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { newsOf } from '../../api/dispatcher-status.ts';
import { createStatusPage } from '../../common/status-page.ts';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import type { PodStatus } from '../servers/kubernetes/cluster.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { type ControllerRelease, installController } from '../support/controller-release.ts';
import { aDispatcherStatus } from '../support/dispatcher-status.ts';
import { deploymentPath, triggerPath, triggersIn } from '../support/trigger-objects.ts';
import { waitFor } from '../support/wait-for.ts';

/** Milliseconds. */
const SOON = 10_000;
const LAST_WORDS = 'PULSAR_BROKER is not a URL';

describe('conditions of a trigger', function () {
  this.timeout(60_000);
  const kubernetes = useKubernetes();
  let release: ControllerRelease;
  const servers: Server[] = [];

  before(async function () {
    this.timeout(120_000);
    release = await installController(kubernetes());
    await release.start().ready();
  });
  after(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await release?.uninstall();
  });

  it('say that the image is not there', async () => {
    const { triggers, play } = await held('image');
    await play(waiting('ImagePullBackOff', 'Back-off pulling image: not found'));
    await triggers.says('Ready', 'ImagePullFailed', 'kubeless-triggers-dispatcher');
  });

  it('say that a Secret is not there', async () => {
    const { ns, pod, triggers, play } = await held('secret', {
      pulsar: {
        topic: 'persistent://public/default/orders',
        broker: 'pulsar://pulsar.example:6650',
        authTokenSecret: { name: 'pulsar-token', key: 'token' },
      },
    });
    const startedAt = performance.now();
    await play({ ...waiting('ContainerCreating'), startTime: new Date(Date.now() - 5_000).toISOString() });
    await kubernetes().admin.post(`/api/v1/namespaces/${ns}/events`, {
      metadata: { name: `${pod.metadata.name}.1` },
      involvedObject: { kind: 'Pod', namespace: ns, name: pod.metadata.name, uid: pod.metadata.uid },
      type: 'Warning',
      reason: 'FailedMount',
      message: 'MountVolume.SetUp failed for volume "secret-pulsar-token" : secret "pulsar-token" not found',
      lastTimestamp: new Date().toISOString(),
    });
    await triggers.says('Ready', 'SecretMissing', 'pulsar-token');
    expect(performance.now() - startedAt).to.be.below(SOON);
  });

  it('say the last words of a container that crashes', async () => {
    const { triggers, play } = await held('crash');
    const terminated = { exitCode: 1, reason: 'Error', message: LAST_WORDS, finishedAt: new Date().toISOString() };
    await play({
      phase: 'Running',
      containerStatuses: [
        aContainer({
          restartCount: 4,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1m20s' } },
          lastState: { terminated },
        }),
      ],
    });
    await triggers.says('Ready', 'CrashLoop', LAST_WORDS);
  });

  it('say that no node takes the pod', async () => {
    const ns = await kubernetes().namespace();
    const triggers = telling(ns, 'room');
    await triggers.apply({ deployment: { spec: { template: { spec: { nodeSelector: { gpu: 'yes' } } } } } });
    await triggers.says('Ready', 'Unschedulable', 'node');
  });

  it('say that a quota keeps the pods from being made', async () => {
    const ns = await kubernetes().namespace();
    await kubernetes().admin.post(`/api/v1/namespaces/${ns}/resourcequotas`, {
      metadata: { name: 'none' },
      spec: { hard: { pods: '0' } },
    });
    const triggers = telling(ns, 'quota');
    await triggers.apply();
    await triggers.says('Ready', 'QuotaExceeded', 'quota');
  });

  it('say that a quota keeps the Deployment from being made', async () => {
    const ns = await kubernetes().namespace();
    await kubernetes().admin.post(`/api/v1/namespaces/${ns}/resourcequotas`, {
      metadata: { name: 'none' },
      spec: { hard: { 'count/deployments.apps': '0' } },
    });
    const triggers = telling(ns, 'quota');
    await waitFor(
      async () => {
        const { status } = await kubernetes().admin.get(`/api/v1/namespaces/${ns}/resourcequotas/none`);
        return status?.used !== undefined;
      },
      { what: 'the quota to be counted' },
    );
    await triggers.apply();
    await triggers.says('Ready', 'QuotaExceeded', 'exceeded quota: none');
  });

  it('say that Pod Security refuses the pods', async () => {
    const ns = await kubernetes().namespace({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    const triggers = telling(ns, 'secure');
    const securityContext = { privileged: true, allowPrivilegeEscalation: true };
    await triggers.apply({ deployment: { spec: { template: { spec: { containers: [{ securityContext }] } } } } });
    await triggers.says('Ready', 'PodSecurityViolation', 'privileged');
  });

  it('let the rendered pods run where Pod Security is restricted', async () => {
    const ns = await kubernetes().namespace({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    const triggers = telling(ns, 'secure');
    await triggers.apply();
    await triggers.says('Ready', 'Running', '1 of 1');
  });

  it("say that the function's Service is not there, and that it is back", async () => {
    const ns = await kubernetes().namespace();
    const triggers = telling(ns, 'function');
    await triggers.apply({ kubeless: { function: `http://orders.${ns}:8080` } });
    await triggers.says('FunctionResolved', 'FunctionNotFound', 'orders');
    await triggers.says('Ready', 'FunctionNotFound', 'orders');
    const services = `/api/v1/namespaces/${ns}/services`;
    await kubernetes().admin.post(services, { metadata: { name: 'orders' }, spec: { ports: [{ port: 8080 }] } });
    await triggers.says('FunctionResolved', 'ServiceFound', 'orders');
    await triggers.says('Ready', 'Running', '1 of 1');
    await kubernetes().admin.delete(`${services}/orders`);
    await triggers.says('Ready', 'FunctionNotFound', 'orders');
  });

  it('say that the broker is away, that the token is wrong, and that all is well again', async () => {
    const { triggers, play, dispatcher } = await held('broker');
    const said = await dispatcher();
    said.status = {
      ...said.status,
      connected: false,
      reason: 'BrokerUnreachable',
      why: 'nobody answers at broker:6650',
    };
    await play(running(said.address, false));
    await triggers.says('SourceConnected', 'BrokerUnreachable', 'broker:6650');
    await triggers.says('Ready', 'BrokerUnreachable', 'broker:6650');

    said.status = { ...said.status, reason: 'Unauthorized', why: 'the broker refuses the token' };
    await triggers.says('Ready', 'Unauthorized', 'refuses the token');

    const { reason: _reason, why: _why, ...rest } = said.status;
    said.status = { ...rest, connected: true };
    await play(running(said.address, true));
    await triggers.says('SourceConnected', 'Connected');
    await triggers.says('Ready', 'Running', '1 of 1');
  });

  it('say that the lanes are blocked, by which key, though nobody asks more than once a minute', async () => {
    const { triggers, play, dispatcher } = await held('lanes');
    const said = await dispatcher({ waits: true });
    await play(running(said.address, true));
    await triggers.says('Ready', 'Running', '1 of 1');
    await said.isWaitedFor();
    const blocked = { key: 'customer-7', partition: '0', position: '1:2', attempts: 9, records: 400, age: 90_000 };
    said.status = { ...said.status, retrying: 1, blocked };
    await triggers.says('Blocked', 'Blocked', 'customer-7');
    await triggers.says('Ready', 'Blocked', 'customer-7');
  });

  it('say that a dispatcher counts more records than there can be, and not what it said before', async () => {
    const { triggers, play, dispatcher } = await held('numbers');
    const said = await dispatcher();
    await play(running(said.address, true));
    await triggers.says('Ready', 'Running', '1 of 1');
    // Numbers alone would be told of when they are due.
    said.status = { ...said.status, connected: false, deadLettered: 1e300 };
    await triggers.knows('SourceConnected', 'StatusUnreachable', '/deadLettered');
    expect(await triggers.status()).not.to.have.any.keys('deadLettered', 'retrying', 'lag');
  });

  it('say that somebody paused the rollout, and that it goes on', async () => {
    const ns = await kubernetes().namespace();
    const triggers = telling(ns, 'halted');
    await triggers.apply();
    await triggers.says('Ready', 'Running', '1 of 1');
    const deployment = deploymentPath(ns, 'halted-pulsar');
    await kubernetes().admin.patch(deployment, { spec: { paused: true } });
    await triggers.apply({ delivery: { maxInFlight: 7 } });
    await triggers.says('Ready', 'DeploymentPaused', `rollout resume --namespace ${ns} deployment/halted-pulsar`);
    await kubernetes().admin.patch(deployment, { spec: { paused: null } });
    await triggers.knows('Ready', 'Running', '1 of 1');
  });

  it('say that the trigger pauses its own rollout', async () => {
    const triggers = telling(await kubernetes().namespace(), 'halted');
    await triggers.apply({ deployment: { spec: { paused: true } } });
    await triggers.says('Ready', 'DeploymentPaused', 'remove paused from spec.deployment.spec');
  });

  it('say that the trigger, or its Deployment, is being deleted and stays', async () => {
    const ns = await kubernetes().namespace();
    const triggers = telling(ns, 'leaving');
    await triggers.apply();
    await triggers.says('Ready', 'Running', '1 of 1');
    const { admin } = kubernetes();
    const [deployment, trigger] = [deploymentPath(ns, 'leaving-pulsar'), triggerPath(ns, 'leaving')];
    const finalizers = ['example.com/stays'];
    await admin.patch(deployment, { metadata: { finalizers } });
    await admin.delete(deployment);
    await triggers.says('Ready', 'Deleting', 'Deployment leaving-pulsar');
    await admin.patch(deployment, { metadata: { finalizers: null } });
    await triggers.knows('Ready', 'Running', '1 of 1');
    await admin.patch(trigger, { metadata: { finalizers } });
    await admin.delete(trigger);
    await triggers.knows('Ready', 'Deleting', 'the trigger is being deleted');
    await admin.patch(trigger, { metadata: { finalizers: null } });
  });

  it('show no password of a URL in the columns of kubectl, nor in what describes the trigger', async () => {
    const ns = await kubernetes().namespace();
    const triggers = telling(ns, 'passwords');
    await triggers.apply({
      pulsar: { topic: 't', broker: 'ws://admin:hunter2@pulsar.example:8080' },
      kubeless: { function: 'https://user:hunter2@api.example.com/x?code=hunter2' },
    });
    await triggers.says('PlainTextToken', 'PasswordInUrl', 'spec.pulsar.broker, spec.kubeless.function have');
    await triggers.says('Ready', 'Running', '1 of 1');
    const columns = await kubernetes().kubectl('get', 'pulsartriggers', '--namespace', ns, '--output', 'wide');
    expect(columns)
      .to.include('https://[secret]@api.example.com/x?code=[secret]')
      .and.include('ws://[secret]@pulsar.example:8080')
      .and.not.include('hunter2');
    expect(JSON.stringify([await triggers.status(), await eventsIn(ns, 'passwords')])).not.to.include('hunter2');
  });

  /** A trigger whose pod waits for the test to say how it is. */
  async function held(name: string, spec: Readonly<Record<string, unknown>> = {}) {
    const ns = await kubernetes().namespace({ heldPods: true });
    const triggers = telling(ns, name);
    await triggers.apply(spec);
    const pods = `/api/v1/namespaces/${ns}/pods`;
    const pod = await waitFor(
      async () => {
        const { items } = await kubernetes().admin.get<{ items: readonly ApiObject[] }>(pods);
        return items.find((item) => item.spec.nodeName);
      },
      { what: 'a scheduled pod' },
    );
    const play = (status: PodStatus) => kubernetes().setPodStatus({ namespace: ns, name: pod.metadata.name }, status);
    return { ns, pod, triggers, play, dispatcher: (options = {}) => dispatcherNamed(name, ns, options) };
  }

  function telling(ns: string, name: string) {
    const triggers = triggersIn(kubernetes(), ns);
    return {
      apply: (spec: Readonly<Record<string, unknown>> = {}) => triggers.apply(name, spec),
      status: async () => (await kubernetes().admin.get(triggerPath(ns, name))).status,
      async knows(type: string, reason: string, words = ''): Promise<void> {
        const { message } = await triggers.condition(name, type, reason, SOON);
        expect(message).to.include(words);
      },
      async says(type: string, reason: string, words = ''): Promise<void> {
        await this.knows(type, reason, words);
        await waitFor(async () => (await eventsIn(ns, name)).some((event) => event.reason === reason), {
          timeout: SOON,
          what: `an Event ${reason}`,
        });
      },
    };
  }

  async function eventsIn(ns: string, name: string): Promise<readonly ApiObject[]> {
    const { items } = await kubernetes().admin.get<{ items: readonly ApiObject[] }>(
      `/apis/events.k8s.io/v1/namespaces/${ns}/events`,
    );
    return items.filter(({ regarding }) => regarding?.kind === 'PulsarTrigger' && regarding?.name === name);
  }

  /** Answers at the address of a pod, as a dispatcher does; one that `waits` lets questions wait for news. */
  async function dispatcherNamed(name: string, namespace: string, { waits = false }: { readonly waits?: boolean }) {
    const address = `127.${200 + servers.length}.7.7`;
    let asked = 0;
    let answered = 0;
    const said = {
      address,
      status: aDispatcherStatus({
        trigger: { kind: 'PulsarTrigger', name, namespace },
        lag: { known: false, why: 'the broker does not say' },
      }),
      isWaitedFor: () =>
        waitFor(() => asked > answered && answered > 0, { what: 'a question that waits', timeout: SOON }),
    };
    const page = createStatusPage({ read: () => said.status, news: () => newsOf(said.status) });
    const server = createServer((request, response) => {
      if (!waits) return response.end(JSON.stringify(said.status));
      asked += 1;
      return void page(request).then(({ body, etag }) => {
        answered += 1;
        response.writeHead(200, { etag }).end(body);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(8080, address, resolve);
    });
    return said;
  }
});

function aContainer(fields: Readonly<Record<string, unknown>>) {
  return { name: 'dispatcher', image: 'i', imageID: '', ready: false, restartCount: 0, ...fields };
}

function waiting(reason: string, message?: string): PodStatus {
  const state = { waiting: { reason, ...(message && { message }) } };
  return { phase: 'Pending', containerStatuses: [aContainer({ state })] };
}

function running(podIP: string, ready: boolean): PodStatus {
  return {
    phase: 'Running',
    podIP,
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [aContainer({ ready, state: { running: { startedAt: new Date().toISOString() } } })],
  };
}
