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

function setUp(failure?: KubeError, event: 'done' | 'failed' | undefined = 'done') {
  const counted: string[] = [];
  const stage = { clock: 0, managedFields: [] as readonly object[] };
  const notes: string[] = [];
  const requests: KubeRequest[] = [];
  const told: string[] = [];
  const written = createOwnWrites<TriggerObject>();
  const writer = createStatusWriter({
    client: {
      async request<T>(asked: KubeRequest) {
        requests.push(asked);
        if (failure !== undefined) throw failure;
        if (asked.method === 'GET') return { metadata: { managedFields: stage.managedFields } } as T; // as it was asked for
        const metadata = { ...trigger().metadata, resourceVersion: '2' };
        return { ...trigger({ conditions: RUNNING, replicas: 1 }), metadata } as T; // of a trigger's path
      },
    },
    written,
    events: {
      async record(_, { reason, note }) {
        told.push(reason);
        notes.push(note);
        return event;
      },
    },
    onWrite: (what, result) => counted.push(`${what} ${result}`),
    onContested: () => counted.push('contested'),
    now: () => 1000,
    clock: () => stage.clock,
  });
  return { writer, requests, told, notes, written, counted, stage };
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

  for (const event of ['done', 'failed'] as const) {
    it(`counts an Event that is ${event}`, async () => {
      const { writer, counted } = setUp(undefined, event);
      await writer.write(pulsarTrigger, trigger(), { conditions: RUNNING });
      expect(counted).to.deep.equal(['status done', `event ${event}`]);
    });
  }

  describe('that somebody else keeps writing to', () => {
    const ours: TriggerStatus = { conditions: RUNNING, replicas: 1 };
    const theirs: TriggerStatus = { conditions: RUNNING, replicas: 9 };

    it('is written at once, then less and less often, and from the second time on the Event says who', async () => {
      const { writer, requests, told, notes, counted, stage } = setUp();
      stage.managedFields = [
        { manager: 'kubeless-triggers', subresource: 'status' },
        { manager: 'other', subresource: 'status' },
        { manager: 'kubectl' },
      ];
      const write = () => writer.write(pulsarTrigger, trigger(theirs), ours);
      expect(await write()).to.equal(undefined);
      expect(await write()).to.equal(undefined);
      expect(told).to.deep.equal([]);
      const wait = (await write()) ?? 0;
      expect(wait).to.be.within(200, 250);
      stage.clock += wait;
      expect(await write()).to.equal(undefined);
      expect(told).to.deep.equal(['Contested']);
      expect(notes[0]).to.include('sets: "other" in the status. Have it leave the status alone.');
      expect(await write()).to.be.within(400, 500);
      expect(requests.filter(({ method }) => method === 'PATCH')).to.have.length(3);
      expect(counted.filter((what) => what === 'contested')).to.have.length(2);
      stage.clock += 60_000;
      expect(await write()).to.equal(undefined);
      expect(told).to.have.length(1);
    });

    it('is told without a name where nobody has what was taken away', async () => {
      const { writer, notes, stage } = setUp();
      for (let times = 0; times < 3; times++) {
        await writer.write(pulsarTrigger, trigger({}), ours);
        stage.clock += 1_000;
      }
      expect(notes.at(-1)).to.include('sets: the status of this trigger. Have it');
    });

    it('is none where it is as it was written last, or of a trigger that was made anew', async () => {
      const { writer, counted } = setUp();
      for (let times = 0; times < 4; times++) await writer.write(pulsarTrigger, trigger(ours), { ...ours, lag: times });
      const { metadata } = trigger();
      const anew = { ...trigger(theirs), metadata: { ...metadata, uid: 'another' } };
      await writer.write(pulsarTrigger, anew, ours);
      writer.forget(KEY);
      await writer.write(pulsarTrigger, trigger(theirs), ours);
      expect(counted).not.to.include('contested');
    });
  });

  it('tells what no condition tells, and counts it', async () => {
    const { writer, told, counted, requests } = setUp();
    await writer.tell(trigger(), { type: 'Warning', reason: 'Contested', note: 'who', action: 'Apply' });
    expect(told).to.deep.equal(['Contested']);
    expect(counted).to.deep.equal(['event done']);
    expect(requests).to.deep.equal([]);
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
