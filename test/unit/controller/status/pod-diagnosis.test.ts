import { expect } from 'chai';
import { diagnosePods, nextLook } from '../../../../controller/status/pod-diagnosis.ts';
import { fixtureNames, NOW, readFixture } from './fixture.ts';

/** Fixture, reason, and what the message says; no reason: nothing is wrong. */
const TABLE: readonly (readonly [string, string | undefined, ...string[]])[] = [
  ['healthy', undefined],
  ['quota-exceeded', 'QuotaExceeded', 'exceeded quota: no-pods, requested: pods=1', 'ResourceQuota'],
  ['quota-needs-limits', 'QuotaExceeded', 'failed quota: cpu: must specify limits.cpu for: dispatcher'],
  ['pod-security', 'PodSecurityViolation', 'violates PodSecurity "restricted:latest"', 'seccompProfile.type', 'relax'],
  [
    'service-account-missing',
    'ServiceAccountMissing',
    'serviceaccount "orders" not found',
    'create the ServiceAccount',
  ],
  ['limit-range', 'Forbidden', 'maximum memory usage per Container is 64Mi, but limit is 1Gi'],
  ['priority-class-missing', 'Forbidden', 'no PriorityClass with name gone was found', 'correct spec.deployment'],
  ['admission-policy', 'Forbidden', "ValidatingAdmissionPolicy 'no-latest'", 'images need a tag other than latest'],
  ['unschedulable-selector', 'Unschedulable', "0/1 nodes are available: 1 node(s) didn't match", 'nodeSelector'],
  ['unschedulable-cpu', 'Unschedulable', '1 Insufficient cpu', 'd-774d8c7d68-4g2mm'],
  [
    'err-image-pull',
    'ImagePullFailed',
    'image localhost:5000/dispatcher:9.9.9 ',
    'code = NotFound',
    'imagePullSecrets',
  ],
  ['image-pull-back-off', 'ImagePullFailed', 'image localhost:5000/dispatcher:9.9.9 ', 'code = NotFound'],
  ['image-never-pulled', 'ImagePullFailed', 'is not present with pull policy of Never'],
  ['invalid-image-name', 'ImagePullFailed', 'image Localhost/D:1 ', 'must be lowercase'],
  ['env-secret-missing', 'SecretMissing', 'needs Secret pulsar-token in namespace shop', 'create it'],
  ['env-config-map-missing', 'ConfigMapMissing', 'needs ConfigMap settings in namespace shop'],
  ['env-secret-key-missing', 'SecretMissing', 'needs the key token in Secret pulsar-token of namespace shop', 'add it'],
  ['runs-as-root', 'ContainerFailed', 'runAsNonRoot and image will run as root)', 'or the image'],
  ['no-such-command', 'ContainerFailed', "can't be started", 'exec: "dispatch": executable file not found'],
  ['crash-loop', 'CrashLoop', 'exit code 1 ("the configuration is wrong: TRIGGER is missing")', '--previous'],
  ['crashed-just-now', 'CrashLoop', 'exit code 1 ("panic: no broker")'],
  ['crashed-and-started-again', 'CrashLoop', 'exit code 1 ("no broker")'],
  ['out-of-memory', 'CrashLoop', 'more memory than its limit', 'exit code 137', 'resources.limits.memory'],
  ['init-crash-loop', 'CrashLoop', 'init container fetch-ca', 'Could not resolve host: ca.shop'],
  ['sidecar-crash-loop', 'CrashLoop', 'container proxy', 'exit code 3: see'],
  ['volume-secret-missing', 'SecretMissing', 'needs Secret pulsar-token in namespace shop', 'create it'],
  ['volume-secret-key-missing', 'SecretMissing', 'the key token in the Secret of volume pulsar-token'],
  ['volume-config-map-missing', 'ConfigMapMissing', 'needs ConfigMap corporate-ca'],
  ['volume-timed-out', 'SecretMissing', 'needs Secret pulsar-token'],
  ['volume-not-attached', 'VolumeFailed', 'volume attachment is being deleted'],
  ['sandbox-not-made', 'ContainerFailed', 'no IP addresses available'],
  ['evicted', 'Evicted', 'Evicted: The node was low on resource: memory', 'resources.requests'],
  ['rejected-by-node', 'Evicted', 'OutOfcpu: Pod was rejected'],
  ['stuck-terminating', 'Terminating', "should have ended at 2026-11-21T09:55:02Z and hasn't"],
  ['not-ready', 'NotReady', "container dispatcher of pod orders-pulsar-9dfb6f4fb-x7k2p runs but isn't ready"],
  ['node-down', 'NotReady', 'its node may be down'],
  ['deadline-exceeded', 'Stalled', 'took too long'],
  ['volume-came-image-is-pulled', undefined],
  ['init-runs', undefined],
  ['just-started', undefined],
];

describe('diagnosis of pods', () => {
  for (const [name, reason, ...parts] of TABLE) {
    it(`${name}: ${reason ?? 'nothing is wrong'}`, () => {
      const { trouble } = diagnosePods(readFixture(name));
      expect(trouble?.reason).to.equal(reason);
      for (const part of parts) expect(trouble?.message).to.include(part);
      expect(trouble?.message ?? '').to.match(/^\P{C}{0,1024}$/u);
    });
  }

  it('knows every fixture', () => {
    expect(TABLE.map(([name]) => name)).to.have.members(fixtureNames);
  });

  it('says the same of an image while it is pulled and while the pull is put off', () => {
    const [pulled, putOff] = ['err-image-pull', 'image-pull-back-off'].map((name) => diagnosePods(readFixture(name)));
    expect(pulled).to.deep.equal(putOff);
  });

  it('says the same of a pod that the API server refuses again under another name', () => {
    const said = diagnosePods(readFixture('quota-exceeded')).trouble?.message;
    expect(said).to.match(/^exceeded quota/);
  });

  it('says what is being waited for', () => {
    expect(diagnosePods(readFixture('init-runs')).pending).to.include('init container fetch-ca');
    expect(diagnosePods(readFixture('just-started')).pending).to.include("isn't ready yet");
    expect(diagnosePods(readFixture('volume-came-image-is-pulled')).pending).to.include('is being created');
  });

  it('gives a pod five seconds before a failed mount counts', () => {
    const patient = { ...readFixture('volume-secret-missing'), now: Date.parse('2026-11-21T09:55:04Z') };
    expect(diagnosePods(patient).trouble).to.equal(undefined);
  });

  it('takes a crash for history once the container has run for a minute', () => {
    const patient = { ...readFixture('crashed-and-started-again'), now: NOW + 60_000 };
    expect(diagnosePods(patient).trouble?.reason).to.equal('NotReady');
  });

  it('says when time alone may change what it says', () => {
    const rows: readonly (readonly [string, number | undefined])[] = [
      ['just-started', 3_000],
      ['not-ready', 31_000],
      ['crashed-and-started-again', 35_000],
      ['crash-loop', undefined],
      ['healthy', undefined],
    ];
    for (const [name, wait] of rows) expect(nextLook(readFixture(name)), name).to.equal(wait);
  });

  it('ignores Events of other pods', () => {
    const { events, ...patient } = readFixture('volume-secret-missing');
    const others = events.map((event) => ({ ...event, involvedObject: { ...event.involvedObject, uid: 'another' } }));
    expect(diagnosePods({ ...patient, events: others }).trouble).to.equal(undefined);
  });

  it('names the worst of several pods, and of two alike the first by name, in whatever order they come', () => {
    const image = readFixture('err-image-pull').pods[0];
    const crash = readFixture('crash-loop').pods[0];
    if (image === undefined || crash === undefined) throw new Error('each fixture has a pod');
    const named = (name: string) => ({ ...crash, metadata: { ...crash.metadata, name } });
    const { deployment, ...rest } = readFixture('crash-loop');
    const of = (...pods: (typeof crash)[]) => diagnosePods({ ...rest, deployment, pods }).trouble;
    expect(of(crash, image)?.reason).to.equal('ImagePullFailed');
    expect(of(named('b'), named('a'))).to.deep.equal(of(named('a'), named('b')));
    expect(of(named('b'), named('a'))?.message).to.include('pod a ');
  });

  it('forgets a pod that failed once another has taken its place', () => {
    const { pods, ...rest } = readFixture('evicted');
    const [next] = readFixture('just-started').pods;
    if (next === undefined) throw new Error('the fixture has a pod');
    const replaced = { ...rest, pods: [...pods, { ...next, metadata: { ...next.metadata, name: 'next' } }] };
    expect(diagnosePods(replaced).trouble).to.equal(undefined);
  });

  it('says nothing of a Deployment that is as it should be, whatever lies beside it', () => {
    const { deployment, ...rest } = readFixture('healthy');
    expect(diagnosePods({ ...rest, deployment, pods: readFixture('evicted').pods })).to.deep.equal({});
  });
});
