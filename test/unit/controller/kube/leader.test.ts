import { expect } from 'chai';
import { createLogger } from '../../../../common/logger.ts';
import type { KubeRequest } from '../../../../controller/kube/client.ts';
import { KubeError } from '../../../../controller/kube/errors.ts';
import { createLeaderElection, type LeaderElection } from '../../../../controller/kube/leader.ts';
import type { LeaseObject } from '../../../../controller/kube/lease.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { createFakeLeases, type FakeLeases } from './fake-leases.ts';

/** Milliseconds: the real ones by ten. */
const TIMES = { leaseDuration: 1_000, renewDeadline: 700, retryPeriod: 200 };

describe('leader election', () => {
  let leases: FakeLeases;
  let elections: LeaderElection[];
  let events: string[];

  beforeEach(() => {
    leases = createFakeLeases();
    elections = [];
    events = [];
  });
  afterEach(() => Promise.all(elections.map((each) => each.release())));

  it('makes the Lease, says when, and renews it', async () => {
    const one = join('one');
    expect(one.isLeader()).to.equal(false);
    await happens('one leads');
    expect(one.isLeader()).to.equal(true);
    const first = leases.lease?.spec;
    expect(first).to.include({ holderIdentity: 'one', leaseDurationSeconds: 1, leaseTransitions: 0 });
    expect(first?.renewTime).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await waitFor(() => leases.lease?.spec?.renewTime !== first?.renewTime, { what: 'a renewal' });
    expect(leases.lease?.spec?.acquireTime).to.equal(first?.acquireTime);
    expect(new Set(leases.calls)).to.deep.equal(new Set(['one GET', 'one POST', 'one PUT']));
  });

  it('hands over at a release within a retry period, and only then', async () => {
    const one = join('one');
    await happens('one leads');
    const two = join('two');
    await waitFor(() => count('two GET') >= 8, { what: 'two having looked for longer than a Lease lasts' });
    expect(two.isLeader()).to.equal(false);

    const releasedAt = performance.now();
    await one.release();
    expect(one.isLeader()).to.equal(false);
    await happens('two leads');
    expect(performance.now() - releasedAt).to.be.below(TIMES.retryPeriod + 100);
    expect(leases.lease?.spec).to.include({ holderIdentity: 'two', leaseTransitions: 1 });
    expect(events).to.deep.equal(['one leads', 'two leads']);
  });

  it('goes to another when the holder cannot renew it, who has stopped by then', async () => {
    let isDown = false;
    const one = join('one', () => {
      if (isDown) throw new KubeError('no answer', { status: 0, reason: 'NoAnswer' });
    });
    await happens('one leads');
    const two = join('two', () => {
      // Each look of the follower checks that there is never more than one.
      if (two.isLeader() && one.isLeader()) events.push('two leaders');
    });
    isDown = true;
    await happens('one lost: not renewed for 700 ms');
    expect(one.isLeader()).to.equal(false);
    expect(two.isLeader()).to.equal(false);
    await happens('two leads');
    expect(events).not.to.include('two leaders');
  });

  it('is lost at its deadline when the API server hangs', async () => {
    let hangs = false;
    const one = join('one', () => (hangs ? new Promise(() => {}) : undefined));
    await happens('one leads');
    hangs = true;
    await happens('one lost: not renewed for 700 ms');
    expect(one.isLeader()).to.equal(false);
    elections = [];
  });

  it('is no leader when it has stood still for too long, before any timer says so', async () => {
    const one = join('one');
    await happens('one leads');
    const until = performance.now() + TIMES.renewDeadline + 50;
    while (performance.now() < until);
    expect(one.isLeader()).to.equal(false);
  });

  it('judges by what it sees change, not by clocks', async () => {
    const renewTime = '2100-01-01T00:00:00.000000Z';
    leases.write({ holderIdentity: 'dead', leaseDurationSeconds: 1, renewTime, leaseTransitions: 4 });
    const startedAt = performance.now();
    join('one');
    await happens('one leads');
    expect(performance.now() - startedAt).to.be.at.least(1_000);
    expect(leases.lease?.spec?.leaseTransitions).to.equal(5);
  });

  it('does not take a Lease that looks ancient while it is renewed', async () => {
    const renewTime = () => `1990-01-01T00:00:00.${String(Math.floor(performance.now())).padStart(6, '0')}Z`;
    const renew = () => leases.write({ holderIdentity: 'slow clock', renewTime: renewTime() });
    renew();
    // Each look is answered with a renewal that happened just before.
    const one = join('one', renew);
    await waitFor(() => count('one GET') >= 10, { what: 'ten looks' });
    expect(one.isLeader()).to.equal(false);
  });

  it('keeps its holder when it is deleted', async () => {
    join('one');
    await happens('one leads');
    join('two');
    await waitFor(() => count('two GET') >= 2, { what: 'two to look' });
    leases.delete();
    await waitFor(() => leases.lease?.spec?.holderIdentity === 'one', { what: 'the Lease to be there again' });
    await waitFor(() => count('two GET') >= 8, { what: 'two to look on' });
    expect(events).to.deep.equal(['one leads']);
  });

  it('keeps its holder, and what others wrote into it, when its metadata is edited', async () => {
    join('one');
    await happens('one leads');
    leases.write(leases.lease?.spec, { note: 'mine' });
    const edited = leases.lease?.spec?.renewTime;
    await waitFor(() => leases.lease?.spec?.renewTime !== edited, { what: 'a renewal' });
    expect(leases.lease?.metadata.annotations).to.deep.equal({ note: 'mine' });
    expect(events).to.deep.equal(['one leads']);
  });

  it('is lost at once when another name stands in it', async () => {
    const one = join('one');
    await happens('one leads');
    leases.write({ holderIdentity: 'thief' });
    await happens('one lost: thief holds the lease');
    expect(one.isLeader()).to.equal(false);
    await one.release();
    expect(leases.lease?.spec?.holderIdentity).to.equal('thief');
  });

  it('survives answers of 500, also one that hid a success', async () => {
    let trouble = 0;
    const one = join('one', (request) => {
      if (request.method === 'GET') return;
      trouble++;
      if (trouble === 1) leases.write((request.body as { spec: object }).spec); // a POST
      if (trouble < 10 && trouble % 2 === 1) throw new KubeError('etcd', { status: 500, reason: 'InternalError' });
    });
    await waitFor(() => trouble > 10, { what: 'ten writes' });
    expect(events).to.deep.equal(['one leads']);
    expect(one.isLeader()).to.equal(true);
  });

  it('lets go once, whether it leads, waits or is in the middle of a call', async () => {
    const answers: (() => void)[] = [];
    const one = join('one', ({ method }) =>
      method === 'POST' ? new Promise((resolve) => answers.push(resolve)) : undefined,
    );
    await waitFor(() => answers.length === 1, { what: 'the call' });
    const first = one.release();
    expect(one.release()).to.equal(first);
    answers[0]?.();
    await first;
    expect(leases.lease?.spec?.holderIdentity).to.equal('');
    expect(events).to.deep.equal([]);
    await createElection('never started').release();
  });

  it('gives back a Lease that was edited meanwhile, and one while a call hangs', async () => {
    const one = join('one');
    await happens('one leads');
    leases.write(leases.lease?.spec, { note: 'mine' });
    await one.release();
    expect(leases.lease?.spec?.holderIdentity).to.equal('');

    let hangs = false;
    const two = join('two', ({ body }) => {
      const { spec } = (body ?? {}) as LeaseObject; // of a PUT
      return hangs && spec?.holderIdentity === 'two' ? new Promise(() => {}) : undefined;
    });
    await happens('two leads');
    hangs = true;
    await waitFor(() => leases.calls.at(-1) === 'two PUT' && count('two PUT') >= 2, { what: 'a renewal that hangs' });
    await two.release();
    expect(leases.lease?.spec?.holderIdentity).to.equal('');
  });

  function join(identity: string, trouble?: (request: KubeRequest) => Promise<void> | void): LeaderElection {
    const election = createElection(identity, trouble);
    elections.push(election);
    election.start();
    return election;
  }

  function createElection(identity: string, trouble?: (request: KubeRequest) => Promise<void> | void): LeaderElection {
    return createLeaderElection({
      ...TIMES,
      client: leases.client(identity, trouble),
      namespace: 'ns',
      name: 'lease',
      identity,
      onAcquired: () => events.push(`${identity} leads`),
      onLost: (why) => events.push(`${identity} lost: ${why}`),
      logger: createLogger('silent'),
    });
  }

  const count = (call: string) => leases.calls.filter((each) => each === call).length;
  const happens = (event: string) => waitFor(() => events.includes(event), { what: () => `"${event}" in ${events}` });
});
