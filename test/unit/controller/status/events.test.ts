import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createLogger } from '../../../../common/logger.ts';
import { KubeError, type KubeRequest } from '../../../../controller/kube/client.ts';
import { createEventRecorder } from '../../../../controller/status/events.ts';
import type { Transition } from '../../../../controller/status/transitions.ts';
import { NOW } from './fixture.ts';
import { aTrigger } from './observation.ts';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly contentType?: string;
  readonly body: { readonly metadata: { readonly name: string }; readonly [field: string]: unknown };
}

const crash: Transition = { type: 'Warning', reason: 'CrashLoop', note: 'it ends: see its log', action: 'Reconcile' };
const MINUTE = 60_000;

describe('Events', () => {
  let calls: Call[];
  let time: number;
  let failure: Error | undefined;
  let log: string;

  beforeEach(() => {
    [calls, time, failure, log] = [[], NOW, undefined, ''];
  });

  const recorder = () =>
    createEventRecorder({
      client: {
        async request<T>(call: KubeRequest): Promise<T> {
          calls.push(call as Call); // every call has a body, an Event or a part of one
          if (failure !== undefined) throw failure;
          return {} as T; // nobody reads the answer
        },
      },
      instance: `controller-${'x'.repeat(200)}`,
      now: () => time,
      logger: createLogger(
        'info',
        new Writable({
          write(chunk, _encoding, done) {
            log += chunk;
            done();
          },
        }),
      ),
    });

  it('are created beside the trigger, about it', async () => {
    await recorder().record(aTrigger(), { ...crash, note: `a\n${'b'.repeat(2000)}` });
    const [call] = calls;
    if (call === undefined) throw new Error('nothing was written');
    expect(call).to.include({ method: 'POST', path: '/apis/events.k8s.io/v1/namespaces/shop/events' });
    const { metadata, note, reportingInstance, ...event } = call.body;
    expect(event).to.deep.equal({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      eventTime: '2026-11-21T09:55:30.000000Z',
      reportingController: 'kubeless-triggers',
      type: 'Warning',
      reason: 'CrashLoop',
      action: 'Reconcile',
      regarding: {
        apiVersion: 'kubeless.io/v1',
        kind: 'PulsarTrigger',
        name: 'orders',
        namespace: 'shop',
        uid: 't',
        resourceVersion: '7',
      },
    });
    expect(JSON.stringify(metadata)).to.match(/^{"name":"orders\.[0-9a-f]{16}","namespace":"shop"}$/);
    expect(note).to.match(/^a b+…$/);
    expect(Buffer.byteLength(String(note))).to.equal(1024);
    expect(reportingInstance).to.have.lengthOf(128);
  });

  it('count a trigger that flaps, once a minute at most, and begin anew after ten', async () => {
    const { record } = recorder();
    let written = 0;
    for (let second = 0; second < 600; second += 1) {
      time = NOW + second * 1000;
      if ((await record(aTrigger(), crash)) === 'done') written += 1;
    }
    expect(written).to.equal(calls.length);
    expect(calls.filter(({ method }) => method === 'POST')).to.have.lengthOf(1);
    const patches = calls.filter(({ method }) => method === 'PATCH');
    expect(patches).to.have.lengthOf(10);
    const name = calls[0]?.body.metadata.name;
    expect(patches.at(-1)).to.deep.equal({
      method: 'PATCH',
      path: `/apis/events.k8s.io/v1/namespaces/shop/events/${name}`,
      contentType: 'application/merge-patch+json',
      body: { series: { count: 542, lastObservedTime: '2026-11-21T10:04:31.000000Z' } },
    });
    time = NOW + 10 * MINUTE;
    await record(aTrigger(), crash);
    expect(calls.at(-1)?.method).to.equal('POST');
  });

  it('are others for another reason and for another trigger', async () => {
    const { record } = recorder();
    const { metadata, ...rest } = aTrigger();
    await record(aTrigger(), crash);
    await record(aTrigger(), { ...crash, reason: 'SecretMissing' });
    await record({ ...rest, metadata: { ...metadata, uid: 'another' } }, crash);
    const names = calls.map(({ body }) => body.metadata.name);
    expect([calls.length, new Set(names).size]).to.deep.equal([3, 3]);
  });

  it('have a name that fits, whatever the trigger is called', async () => {
    const { metadata, ...rest } = aTrigger();
    await recorder().record(
      { ...rest, metadata: { ...metadata, name: `${'a'.repeat(235)}.${'b'.repeat(17)}` } },
      crash,
    );
    const name = calls[0]?.body.metadata.name;
    expect(name)
      .to.match(/^[a-z0-9]+([.-][a-z0-9]+)*$/)
      .and.have.length.below(254);
  });

  it('that cannot be written are logged, and come again as new ones', async () => {
    const { record } = recorder();
    failure = new Error('events.k8s.io is forbidden');
    expect(await record(aTrigger(), crash)).to.equal('failed');
    expect(log).to.include('writing an Event failed').and.include('is forbidden');
    failure = undefined;
    expect(await record(aTrigger(), crash)).to.equal('done');
    expect(calls.map(({ method }) => method)).to.deep.equal(['POST', 'POST']);
  });

  it('are no failures in a namespace that is being deleted, which is told once', async () => {
    const { record } = recorder();
    failure = new KubeError('it is being terminated', { status: 403, reason: 'NamespaceTerminating' });
    const reasons = ['CrashLoop', 'SecretMissing', 'NotReady'];
    for (const reason of reasons) expect(await record(aTrigger(), { ...crash, reason })).to.equal(undefined);
    expect(log.trimEnd().split('\n')).to.have.lengthOf(1);
    expect(log).to.include('"namespace":"shop"').and.include('"level":"info"');
    // One of the same name, made anew.
    failure = undefined;
    expect(await record(aTrigger(), crash)).to.equal('done');
    failure = new KubeError('it is being terminated', { status: 403, reason: 'NamespaceTerminating' });
    await record(aTrigger(), { ...crash, reason: 'Other' });
    expect(log.trimEnd().split('\n')).to.have.lengthOf(2);
  });
});
