import { expect } from 'chai';
import { pulsarTrigger } from '../../../api/kinds/pulsar-trigger.ts';
import { KubeError, type KubeRequest } from '../../../controller/kube/client.ts';
import type { TriggerObject, TriggerStatus } from '../../../controller/kube/objects.ts';
import { createOwnWrites } from '../../../controller/own-writes.ts';
import { createStatusWriter } from '../../../controller/status-writer.ts';

const KEY = 'PulsarTrigger/ns/orders';
const RUNNING = [{ type: 'Ready', status: 'True' as const, reason: 'Running', message: 'all is well' }];

function trigger(status?: TriggerStatus): TriggerObject {
  const metadata = { name: 'orders', namespace: 'ns', uid: 'u', resourceVersion: '1' };
  return { kind: 'PulsarTrigger', metadata, ...(status && { status }) };
}

function setUp(failure?: KubeError) {
  const requests: KubeRequest[] = [];
  const told: string[] = [];
  const written = createOwnWrites<TriggerObject>();
  const writer = createStatusWriter({
    client: {
      async request<T>(asked: KubeRequest) {
        requests.push(asked);
        if (failure !== undefined) throw failure;
        return { ...trigger(), metadata: { ...trigger().metadata, resourceVersion: '2' } } as T; // of a trigger's path
      },
    },
    written,
    events: { record: async (_, { reason }) => void told.push(reason) },
    onWrite: () => {},
    now: () => 1000,
  });
  return { writer, requests, told, written };
}

describe('writing a status', () => {
  it('sends what changed, and takes away what is no more', async () => {
    const { writer, requests } = setUp();
    const before = { conditions: RUNNING, replicas: 1, lag: 7 };
    await writer.write(pulsarTrigger, trigger(before), { conditions: RUNNING, replicas: 2 });
    expect(requests).to.deep.equal([
      {
        method: 'PATCH',
        path: '/apis/kubeless.io/v1/namespaces/ns/pulsartriggers/orders/status',
        contentType: 'application/merge-patch+json',
        body: { metadata: { uid: 'u' }, status: { replicas: 2, lag: null } },
      },
    ]);
    expect(writer.toldFrom(KEY)).to.equal(1000);
  });

  it('remembers when the numbers were read that it wrote, not when it wrote them', async () => {
    const { writer } = setUp();
    await writer.write(pulsarTrigger, trigger(), { conditions: RUNNING, replicas: 2, lag: 8 }, 400);
    expect(writer.toldFrom(KEY)).to.equal(400);
  });

  it('sends nothing where nothing is new', async () => {
    const { writer, requests } = setUp();
    const status = { conditions: RUNNING };
    await writer.write(pulsarTrigger, trigger(status), status);
    expect(requests).to.deep.equal([]);
  });

  it('tells of what changed as Events, and remembers what it wrote', async () => {
    const { writer, told, written } = setUp();
    await writer.write(pulsarTrigger, trigger(), { conditions: RUNNING });
    expect(told).to.deep.equal(['Running']);
    expect(written.newest(KEY, trigger())).to.have.nested.property('metadata.resourceVersion', '2');
  });

  it('leaves a trigger that is gone, or another one by now, to the next look', async () => {
    for (const status of [404, 409]) {
      const { writer, told } = setUp(new KubeError('gone', { status, reason: 'Gone' }));
      await writer.write(pulsarTrigger, trigger(), { conditions: RUNNING });
      expect(told).to.deep.equal([]);
      expect(writer.toldFrom(KEY)).to.equal(undefined);
    }
  });

  it('has other failures tried again', async () => {
    const failure = new KubeError('slow down', { status: 429, reason: 'TooManyRequests' });
    const { writer } = setUp(failure);
    const thrown = await writer.write(pulsarTrigger, trigger(), { conditions: RUNNING }).catch((error) => error);
    expect(thrown).to.equal(failure);
  });
});
