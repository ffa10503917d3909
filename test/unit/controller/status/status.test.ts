import { expect } from 'chai';
import type { DispatcherStatus } from '../../../../api/dispatcher-status.ts';
import type { Condition, DeploymentObject, KubeObject, TriggerStatus } from '../../../../controller/kube/objects.ts';
import type { Observed } from '../../../../controller/status/observed.ts';
import { OUTDATED_NUMBERS, statusOf } from '../../../../controller/status/status.ts';
import { transitions } from '../../../../controller/status/transitions.ts';
import { aDispatcherStatus } from '../../../support/dispatcher-status.ts';
import { NOW, readFixture } from './fixture.ts';
import { aDeployment, anObservation, aPod, aTrigger } from './observation.ts';

const find = ({ conditions = [] }: TriggerStatus, type: string): Condition | undefined =>
  conditions.find((condition) => condition.type === type);

const said = (changes: Partial<DispatcherStatus>): Partial<Observed> => ({
  dispatchers: [{ pod: 'orders-pulsar-a', status: aDispatcherStatus(changes) }],
});

const away = said({ connected: false, reason: 'BrokerUnreachable', why: 'nothing listens at pulsar:8080: check it' });
const missing: Partial<Observed> = {
  functionLookup: { kind: 'missing', namespace: 'shop', service: 'hello', namespaceMissing: false },
};
const blocked = { key: 'k', partition: 'p', position: '1:2', attempts: 3, records: 64, age: 9 };
const full = said({ blocked, lastFailure: 'InternalServerError: the function answered 500' });
const crashing: Partial<Observed> = { ...readFixture('crash-loop') };
const halted = (): DeploymentObject => ({ ...aDeployment(0), spec: { replicas: 1, paused: true } });
const leaving = <T extends KubeObject>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: '2026-11-21T09:55:00Z' },
});
const starting: Partial<Observed> = { deployment: aDeployment(0), pods: [], dispatchers: [] };

describe('status of a trigger', () => {
  /** What was observed, Ready's status and reason, part of its message. Each row wins over those below it. */
  const TABLE: readonly (readonly [string, Partial<Observed>, string, string, string])[] = [
    [
      'a trigger that is being deleted',
      { ...crashing, trigger: leaving(aTrigger()) },
      'False',
      'Deleting',
      'metadata.finalizers',
    ],
    [
      'a Deployment that is being deleted, although its pods run',
      { deployment: leaving(aDeployment()) },
      'False',
      'Deleting',
      'Deployment orders-pulsar in namespace shop is being deleted, and is made anew when it is gone',
    ],
    [
      'an invalid spec',
      { ...crashing, trigger: aTrigger({ delivery: { maxInFlight: 0 }, scaling: { replicas: -1 } }) },
      'False',
      'InvalidSpec',
      'spec.delivery.maxInFlight is 0, which is less than 1: Write a whole number',
    ],
    [
      'an apply that the API server refuses',
      { ...crashing, applyFailure: { reason: 'InvalidDeployment', message: 'spec.template.x: Required value' } },
      'False',
      'InvalidDeployment',
      'spec.template.x: Required value: correct spec.deployment',
    ],
    [
      'an apply that Pod Security refuses',
      { applyFailure: { reason: 'Forbidden', message: 'pods "x" is forbidden: violates PodSecurity "restricted:v1"' } },
      'False',
      'PodSecurityViolation',
      'violates PodSecurity "restricted:v1": remove',
    ],
    [
      'an apply that a quota refuses',
      { applyFailure: { reason: 'QuotaExceeded', message: 'deployments.apps "d" is forbidden: exceeded quota: q, x' } },
      'False',
      'QuotaExceeded',
      'exceeded quota: q, x: raise',
    ],
    [
      'an apply that the controller may not do',
      {
        applyFailure: {
          reason: 'Forbidden',
          message:
            'deployments.apps "d" is forbidden: User "c" cannot patch resource "deployments" in API group "apps"',
        },
      },
      'False',
      'Forbidden',
      "the chart's roles",
    ],
    [
      'a namespace that is missing, in the words of the controller',
      { applyFailure: { reason: 'NamespaceMissing', message: 'The namespace x is not there. Create it.' } },
      'False',
      'NamespaceMissing',
      'Create it.',
    ],
    [
      'a namespace that is missing, in the words of the API server',
      { applyFailure: { reason: 'NamespaceMissing', message: 'namespaces "x" not found' } },
      'False',
      'NamespaceMissing',
      'not found: create the namespace',
    ],
    [
      'a foreign object in the way',
      { applyFailure: { reason: 'NotOwned', message: 'Deployment x is not ours: rename the trigger' } },
      'False',
      'NotOwned',
      'rename the trigger',
    ],
    [
      'no Deployment yet',
      { deployment: undefined, pods: [], dispatchers: [] },
      'False',
      'RollingOut',
      'about to be made',
    ],
    [
      'a Deployment that somebody scaled to none',
      { deployment: aDeployment(0, 0) },
      'False',
      'ScaledToZero',
      'nothing is consumed: kubectl scale --namespace shop deployment/orders-pulsar --replicas=1',
    ],
    [
      'a trigger that wants no replicas',
      { deployment: aDeployment(0, 0), trigger: aTrigger({ scaling: { replicas: 0 } }) },
      'False',
      'ScaledToZero',
      'nothing is consumed: set scaling.replicas to 1 or more',
    ],
    [
      'an override that wants no replicas',
      { deployment: aDeployment(0, 0), trigger: aTrigger({ deployment: { spec: { replicas: 0 } } }) },
      'False',
      'ScaledToZero',
      'nothing is consumed: set replicas in spec.deployment.spec to 1 or more',
    ],
    ['a crashing pod', { ...crashing, ...missing, dispatchers: [] }, 'False', 'CrashLoop', 'TRIGGER is missing'],
    ['a broker that is away', { ...away, ...missing }, 'False', 'BrokerUnreachable', 'nothing listens at pulsar:8080'],
    ['a missing function', { ...full, ...missing }, 'False', 'FunctionNotFound', 'no Service hello in namespace shop'],
    ['a full buffer', { ...full, ...{ deployment: aDeployment(0) } }, 'False', 'Blocked', 'key "k", 64 in hand'],
    ['a pod that is not ready', { ...readFixture('not-ready') }, 'False', 'NotReady', "isn't ready"],
    ['a stalled rollout', { ...readFixture('deadline-exceeded') }, 'False', 'Stalled', 'too long'],
    [
      'a rollout that kubectl paused',
      { ...starting, deployment: halted() },
      'False',
      'DeploymentPaused',
      '0 of 1 dispatchers ready: the rollout of Deployment orders-pulsar is paused, so no dispatcher is started or ' +
        'replaced: kubectl rollout resume --namespace shop deployment/orders-pulsar',
    ],
    [
      'a rollout that the trigger paused',
      { ...starting, deployment: halted(), trigger: aTrigger({ deployment: { spec: { paused: true } } }) },
      'False',
      'DeploymentPaused',
      'remove paused from spec.deployment.spec',
    ],
    ['a rollout', starting, 'False', 'RollingOut', '0 of 1 dispatchers ready'],
    ['a paused trigger', { trigger: aTrigger({ paused: true }) }, 'True', 'Paused', 'and paused'],
    ['a trigger that does well', {}, 'True', 'Running', '1 of 1 dispatchers ready'],
  ];
  for (const [name, changes, status, reason, part] of TABLE) {
    it(`${name}: Ready ${status}, ${reason}`, () => {
      const ready = find(statusOf(anObservation(changes), undefined), 'Ready');
      expect([ready?.status, ready?.reason]).to.deep.equal([status, reason]);
      expect(ready?.message).to.include(part);
    });
  }

  it('tells the whole of a trigger that does well', () => {
    const lag = { known: true as const, records: 1234, partitions: [{ partition: 'p', records: 1234 }] };
    const observed = anObservation(said({ lag, retrying: 2, deadLettered: 7 }));
    expect(statusOf(observed, undefined)).to.deep.equal({
      observedGeneration: 3,
      conditions: [
        condition('Ready', 'Running', '1 of 1 dispatchers ready'),
        condition('SourceConnected', 'Connected', 'the dispatchers are connected to the source'),
        condition('FunctionResolved', 'ServiceFound', 'Service hello in namespace shop exists'),
      ],
      source: 'persistent://public/default/orders',
      subscription: 'orders-shop',
      broker: 'ws://pulsar:8080',
      function: 'http://hello:8080',
      replicas: 1,
      lag: 1200,
      retrying: 2,
      deadLettered: 7,
    });
  });

  describe('SourceConnected', () => {
    const two = (first: Partial<DispatcherStatus> | string, second: Partial<DispatcherStatus> | string) => {
      const reading = (pod: string, it: Partial<DispatcherStatus> | string) =>
        typeof it === 'string' ? { pod, why: it } : { pod, status: aDispatcherStatus(it) };
      return { pods: [aPod('a'), aPod('b')], dispatchers: [reading('b', second), reading('a', first)] };
    };
    const rows: readonly (readonly [string, Partial<Observed>, string, string, string])[] = [
      ['no pod', { dispatchers: [] }, 'Unknown', 'NoDispatcher', 'no dispatcher runs'],
      ["an image of the user's own", { dispatcher: 'original' }, 'Unknown', 'CustomDispatcher', "isn't asked"],
      ['no answer', two('ECONNREFUSED', 'x'), 'Unknown', 'StatusUnreachable', '(ECONNREFUSED): check that network'],
      [
        'an answer that is none of a dispatcher',
        {
          dispatchers: [{ pod: 'orders-pulsar-a', why: "its answer is not a dispatcher's: /lag", answered: true }],
        },
        'Unknown',
        'StatusUnreachable',
        "(its answer is not a dispatcher's: /lag): correct the image or the ports in spec.deployment",
      ],
      ['one answer of two', two({}, 'x'), 'True', 'Connected', ''],
      [
        'one of two is disconnected',
        two({}, { connected: false, why: 'w', reason: 'Forbidden' }),
        'False',
        'Forbidden',
        'w',
      ],
      ['the first attempt runs', said({ connected: false }), 'Unknown', 'Connecting', 'about to connect'],
      [
        'a reason of a newer dispatcher',
        said({ connected: false, why: 'w', reason: 'New' }),
        'False',
        'Disconnected',
        'w',
      ],
      ['a reading of a pod that is gone', { ...away, pods: [] }, 'Unknown', 'NoDispatcher', ''],
    ];
    for (const [name, changes, status, reason, part] of rows) {
      it(`${name}: ${status}, ${reason}`, () => {
        const found = find(statusOf(anObservation(changes), undefined), 'SourceConnected');
        expect([found?.status, found?.reason]).to.deep.equal([status, reason]);
        expect(found?.message).to.include(part);
      });
    }

    it('leaves Ready to the pods where dispatchers cannot be asked', () => {
      for (const changes of [two('x', 'y'), { dispatcher: 'original' as const }]) {
        expect(find(statusOf(anObservation(changes), undefined), 'Ready')?.status).to.equal('True');
      }
    });

    it('never makes Ready True what the pods say is not ready', () => {
      expect(find(statusOf(anObservation({ deployment: aDeployment(0) }), undefined), 'Ready')?.status).to.equal(
        'False',
      );
    });
  });

  describe('conditions that come and go', () => {
    it('tells of a pause, and that it is over', () => {
      const paused = anObservation({ trigger: aTrigger({ paused: true }) });
      const status = statusOf(paused, undefined);
      expect(find(status, 'Paused')).to.include({ status: 'True', reason: 'Paused' });
      const pausing = statusOf({ ...paused, deployment: aDeployment(0) }, undefined);
      expect(find(pausing, 'Paused')).to.include({ status: 'False', reason: 'Pausing' });
      expect(find(statusOf(anObservation(), status), 'Paused')).to.include({ status: 'False', reason: 'Resumed' });
    });

    const limits: readonly [string, object, string][] = [
      ['no limit', {}, ': mend the function, or set delivery.retry.maxAttempts or delivery.deadLetter'],
      [
        'a dead letter and no limit',
        { deadLetter: { url: 'http://dead:8080' } },
        ': mend the function, or set delivery.retry.maxAttempts',
      ],
      ['a limit', { retry: { maxAttempts: 9 } }, ': mend the function, or lower delivery.retry.maxAttempts or maxAge'],
    ];
    for (const [what, delivery, cure] of limits) {
      it(`tells what lets a blocking record go where there is ${what}`, () => {
        const status = statusOf(anObservation({ ...full, trigger: aTrigger({ delivery }) }), undefined);
        expect(find(status, 'Blocked')?.message?.endsWith(cure)).to.equal(true);
      });
    }

    const loopback = 'in a pod is the pod itself';
    const places: readonly [string, object, Partial<Observed>, string | undefined][] = [
      [
        'a broker on the port of the probes',
        { pulsar: { topic: 't', broker: 'ws://127.0.0.1:8080' } },
        away,
        `spec.pulsar.broker is "ws://127.0.0.1:8080", which ${loopback}, at the port 8080 of its own probes: ` +
          'Write the name of a Service, such as ws://name.namespace:8080.',
      ],
      [
        'the first of several brokers',
        { pulsar: { topic: 't', broker: 'pulsar+ssl://LOCALHOST:6651,b:6651' } },
        away,
        `spec.pulsar.broker is "pulsar+ssl://LOCALHOST:6651,b:6651", which ${loopback}: `,
      ],
      [
        'an admin API, with a password',
        { pulsar: { topic: 't', broker: 'pulsar://b', webServiceUrl: 'http://u:hunter2@[::1]:80' } },
        away,
        `spec.pulsar.webServiceUrl is "http://[secret]@[::1]:80", which ${loopback}: `,
      ],
      [
        'a broker beside the dispatcher, which answers',
        { pulsar: { topic: 't', broker: 'ws://127.0.0.1:9' } },
        {},
        undefined,
      ],
      ['a function beside the dispatcher', { kubeless: { function: 'http://localhost:8081' } }, away, undefined],
      [
        'a function at the port of the probes',
        { kubeless: { function: 'http://127.1.2.3:8080/x' } },
        {},
        'spec.kubeless.function is "http://127.1.2.3:8080/x"',
      ],
      [
        'a dead letter at the port of the probes',
        { delivery: { deadLetter: { url: 'http://0.0.0.0:8080' } } },
        {},
        'spec.delivery.deadLetter.url is',
      ],
      [
        'hosts that only look like it',
        { pulsar: { topic: 't', broker: 'ws://127.0.0.1.example.com' } },
        away,
        undefined,
      ],
    ];
    for (const [what, spec, changes, message] of places) {
      it(`${message === undefined ? 'doubts nothing about' : 'doubts'} ${what}`, () => {
        const status = statusOf(anObservation({ ...changes, trigger: aTrigger({ ...spec }) }), undefined);
        const found = find(status, 'LikelyMistake')?.message;
        if (message === undefined) expect(found).to.equal(undefined);
        else expect(found).to.include(message);
      });
    }

    it('tells why a pause does not come', () => {
      const paused = anObservation({ trigger: aTrigger({ paused: true }), deployment: halted() });
      const pausing = find(statusOf(paused, undefined), 'Paused');
      expect(pausing).to.include({ status: 'False', reason: 'Pausing' });
      expect(pausing?.message).to.include('kubectl rollout resume --namespace shop deployment/orders-pulsar');
    });

    it('is ready where all runs as it should, although the next change would wait', () => {
      const paused = { ...aDeployment(), spec: { replicas: 1, paused: true } };
      expect(find(statusOf(anObservation({ deployment: paused }), undefined), 'Ready')?.reason).to.equal('Running');
    });

    it('tells which key fills the buffer, and that there is room again', () => {
      const status = statusOf(anObservation(full), undefined);
      expect(find(status, 'Blocked')?.message)
        .to.include('key "k"')
        .and.include('1:2 of p')
        .and.include('answered 500')
        .and.include('delivery.deadLetter');
      expect(find(statusOf(anObservation(), status), 'Blocked')).to.include({ status: 'False', reason: 'Unblocked' });
    });

    const hold = (reason: string, why = 'a sentence with its cure') => said({ heldBack: { reason, why } });

    for (const reason of ['RecordsUnreadable', 'UnacknowledgedLimit', 'NothingArrives', 'HeldBack']) {
      it(`is not ready while the broker keeps records (${reason}), and says that they come again`, () => {
        const status = statusOf(anObservation(hold(reason)), undefined);
        const expected = { status: 'True', reason, message: 'a sentence with its cure' };
        expect(find(status, 'HeldBack')).to.include(expected);
        expect(find(status, 'Ready')).to.include({ ...expected, status: 'False' });
        const after = statusOf(anObservation(), status);
        expect(find(after, 'HeldBack')).to.include({ status: 'False', reason: 'Flowing' });
        expect(find(after, 'Ready')?.status).to.equal('True');
      });
    }

    for (const reason of ['DispatchRateLimit', 'BacklogQuota', 'PatternAsName']) {
      it(`stays ready, and warns, where records can still be delivered (${reason})`, () => {
        const status = statusOf(anObservation(hold(reason)), undefined);
        expect(find(status, 'HeldBack')).to.include({ status: 'True', reason, message: 'a sentence with its cure' });
        expect(find(status, 'Ready')).to.include({ status: 'True', reason: 'Running' });
      });
    }

    it('takes the worst of what several dispatchers say, and a reason of a newer one for what it is', () => {
      const dispatchers = ['DispatchRateLimit', 'Newer', 'UnacknowledgedLimit'].map((reason, index) => ({
        pod: `orders-pulsar-${index}`,
        status: aDispatcherStatus({ heldBack: { reason, why: `why ${reason}` } }),
      }));
      const pods = dispatchers.map(({ pod }) => aPod(pod));
      const observed = anObservation({ dispatchers, pods });
      expect(find(statusOf(observed, undefined), 'HeldBack')).to.include({ reason: 'UnacknowledgedLimit' });
      const newer = statusOf(anObservation(hold('Newer', 'why')), undefined);
      expect(find(newer, 'HeldBack')).to.include({ reason: 'HeldBack', message: 'why' });
    });

    it('bounds what a dispatcher says of a hold, and says both where the broker cuts a failing key off', () => {
      const long = statusOf(anObservation(hold('NothingArrives', `a\n${'b'.repeat(5000)}`)), undefined);
      expect(find(long, 'HeldBack')?.message).to.match(/^a b{700,800}…$/);
      const heldBack = { reason: 'UnacknowledgedLimit', why: 'why' };
      const cutOff = statusOf(anObservation(said({ blocked, heldBack })), undefined);
      expect(find(cutOff, 'Ready')).to.include({ status: 'False', reason: 'Blocked' });
      expect(find(cutOff, 'Ready')?.message).to.include('the broker gives no more before key "k"');
      expect(find(cutOff, 'HeldBack')).to.include({ status: 'True', reason: 'UnacknowledgedLimit' });
    });

    it('says nothing of holds where dispatchers never did, older ones among them', () => {
      expect(find(statusOf(anObservation(), undefined), 'HeldBack')).to.equal(undefined);
    });

    it('warns of a topic whose name looks like a pattern, while it is there', () => {
      const pulsar = { topic: 'orders-.*', broker: 'ws://b:8080' };
      const status = statusOf(anObservation({ trigger: aTrigger({ pulsar }) }), undefined);
      expect(find(status, 'LikelyMistake')).to.include({ status: 'True', reason: 'DoubtfulField' });
      expect(find(status, 'LikelyMistake')?.message)
        .to.include('spec.pulsar.topic is "orders-.*"')
        .and.to.include('list the topics');
      expect(find(status, 'Ready')?.status).to.equal('True');
      expect(find(statusOf(anObservation(), status), 'LikelyMistake')).to.equal(undefined);
    });

    it('warns of a token in the clear without telling it, while it is there', () => {
      const pulsar = { topic: 't', broker: 'ws://b:8080', 'auth-token': 'header.payload.signature' };
      const status = statusOf(anObservation({ trigger: aTrigger({ pulsar }) }), undefined);
      expect(find(status, 'PlainTextToken')?.message).to.include('spec.pulsar.authTokenSecret');
      expect(JSON.stringify(status)).to.not.include('signature');
      expect(find(statusOf(anObservation(), status), 'PlainTextToken')).to.equal(undefined);
    });

    it('hints at delivery.order where records without a key limit the rate, for ten minutes at least', () => {
      const status = statusOf(anObservation(said({ unkeyedSerial: true })), undefined);
      expect(find(status, 'UnkeyedSerial')?.message).to.include('delivery.order to none');
      const hint = (minutes: number) =>
        find(statusOf(anObservation({ now: NOW + minutes * 60_000 }), status), 'UnkeyedSerial');
      expect(hint(9)).to.deep.equal(find(status, 'UnkeyedSerial'));
      expect(hint(10)).to.equal(undefined);
    });

    it("tells of a rollout of the controller's own that waits", () => {
      const status = statusOf(anObservation({ outdated: 'RolloutPaused' }), undefined);
      expect(find(status, 'UpToDate')).to.include({ status: 'False', reason: 'RolloutPaused' });
      expect(find(status, 'Ready')?.status).to.equal('True');
      expect(find(statusOf(anObservation(), status), 'UpToDate')).to.include({ status: 'True', reason: 'UpToDate' });
    });

    it('has no more than 16 conditions', () => {
      const trigger = aTrigger({ paused: true, pulsar: { topic: '.*', broker: 'ws://b', 'auth-token': 'x' } });
      const heldBack = { reason: 'NothingArrives', why: 'w' };
      const all = anObservation({
        ...said({ blocked, unkeyedSerial: true, heldBack }),
        trigger,
        outdated: 'RolloutPending',
      });
      expect(statusOf(all, undefined).conditions).to.have.lengthOf(10);
    });
  });

  describe('credentials in URLs', () => {
    const secret = 'hunter2';
    const urls = {
      pulsar: {
        topic: 't',
        broker: `ws://admin:${secret}@pulsar:8080`,
        webServiceUrl: `http://u:${secret}@pulsar:8080`,
      },
      kubeless: { function: `https://u:${secret}@f.example.com/x?code=${secret}&sig=${secret}#token=${secret}` },
      delivery: { deadLetter: { url: `http://${secret}@dead:8080` } },
    };

    it('show nowhere in a status, nor in what it tells as Events, and are told of', () => {
      const status = statusOf(anObservation({ trigger: aTrigger(urls) }), undefined);
      expect(JSON.stringify([status, transitions(undefined, status)])).not.to.include(secret);
      expect(status).to.include({
        broker: 'ws://[secret]@pulsar:8080',
        function: 'https://[secret]@f.example.com/x?code=[secret]&sig=[secret]#token=[secret]',
      });
      expect(find(status, 'PlainTextToken')).to.include({ status: 'True', reason: 'PasswordInUrl' });
    });

    it('show in no message about a spec that has mistakes', () => {
      const wrong = { ...urls, pulsar: { topic: 't', broker: `admin:${secret}@pulsar:6650` }, paused: 'yes' };
      const status = statusOf(anObservation({ trigger: aTrigger(wrong) }), undefined);
      expect(find(status, 'Ready')?.reason).to.equal('InvalidSpec');
      expect(JSON.stringify(status)).not.to.include(secret);
    });

    const rows: readonly [string, object, string | undefined][] = [
      [
        'the broker',
        { pulsar: urls.pulsar },
        'spec.pulsar.broker, spec.pulsar.webServiceUrl have a user or a password',
      ],
      ['the function', { kubeless: urls.kubeless }, 'spec.kubeless.function has a user or a password'],
      ['the dead letter', { delivery: urls.delivery }, 'spec.delivery.deadLetter.url has a user or a password'],
      ['no URL, but a key in a query', { kubeless: { function: `http://f/?key=${secret}` } }, undefined],
      ['no URL, but an @ in a path', { kubeless: { function: 'http://f/@scope/x' } }, undefined],
    ];
    for (const [what, spec, message] of rows) {
      it(`are told of where they are in ${what}`, () => {
        const found = find(statusOf(anObservation({ trigger: aTrigger({ ...spec }) }), undefined), 'PlainTextToken');
        if (message === undefined) expect(found).to.equal(undefined);
        else expect(found?.message).to.include(message);
      });
    }
  });

  describe('writes', () => {
    const before = statusOf(anObservation(), undefined);
    const MINUTE = 60_000;

    it('is the previous status itself while nothing changed, however much later', () => {
      expect(statusOf(anObservation({ now: NOW + 100 * MINUTE }), before)).to.equal(before);
      const fromApi = JSON.parse(JSON.stringify(before)) as TriggerStatus; // what statusOf made
      expect(statusOf(anObservation({ now: NOW + 100 * MINUTE, trigger: aTrigger() }), fromApi)).to.equal(fromApi);
    });

    it('tells other numbers when those that it has are as old as that', () => {
      const observed = anObservation(said({ retrying: 5 }));
      expect(statusOf({ ...observed, toldFrom: NOW - OUTDATED_NUMBERS + 1 }, before)).to.equal(before);
      expect(statusOf({ ...observed, toldFrom: NOW - OUTDATED_NUMBERS }, before).retrying).to.equal(5);
      expect(statusOf(observed, before).retrying).to.equal(5);
    });

    it('tells other numbers although the clock was set back by an hour since those that it has', () => {
      const observed = anObservation(said({ retrying: 5 }));
      expect(statusOf({ ...observed, toldFrom: NOW + 60 * MINUTE }, before).retrying).to.equal(5);
    });

    it('tells a condition at once, and numbers with it', () => {
      const observed = { ...anObservation({ ...said({ retrying: 5 }), ...missing }), toldFrom: NOW };
      expect(statusOf(observed, before)).to.include({ retrying: 5 }).and.not.equal(before);
    });

    it('tells other words of a dispatcher once a minute, another reason at once', () => {
      const other = (why: string, reason = 'BrokerUnreachable') => ({
        ...anObservation(said({ connected: false, why, reason })),
        toldFrom: NOW,
      });
      const status = statusOf(other('a'), before);
      expect(status).to.not.equal(before);
      expect(statusOf(other('b'), status)).to.equal(status);
      expect(statusOf(other('b', 'Forbidden'), status)).to.not.equal(status);
      expect(find(statusOf({ ...other('b'), toldFrom: NOW - OUTDATED_NUMBERS }, status), 'Ready')?.message).to.equal(
        'b',
      );
    });

    it('keeps lastTransitionTime while the status of a condition stays', () => {
      const now = NOW + MINUTE;
      const later = statusOf(anObservation({ ...away, now }), before);
      expect(find(later, 'Ready')?.lastTransitionTime).to.equal('2026-11-21T09:56:30Z');
      expect(find(later, 'FunctionResolved')?.lastTransitionTime).to.equal('2026-11-21T09:55:30Z');
      const other = statusOf(anObservation({ ...missing, now: now + MINUTE }), later);
      expect(find(other, 'Ready')).to.include({
        reason: 'FunctionNotFound',
        lastTransitionTime: '2026-11-21T09:56:30Z',
      });
    });

    it('speaks of the generation that it saw', () => {
      const { metadata, ...rest } = aTrigger();
      const next = statusOf(anObservation({ trigger: { ...rest, metadata: { ...metadata, generation: 4 } } }), before);
      expect(next.observedGeneration).to.equal(4);
      expect(next.conditions?.map(({ observedGeneration }) => observedGeneration)).to.deep.equal([4, 4, 4]);
    });
  });

  describe('numbers', () => {
    const of = (...dispatchers: Observed['dispatchers']) =>
      statusOf(anObservation({ pods: dispatchers.map(({ pod }) => aPod(pod)), dispatchers }), undefined);
    const reading = (pod: string, changes: Partial<DispatcherStatus>) => ({ pod, status: aDispatcherStatus(changes) });
    const lag = (records: number, ...partitions: readonly (readonly [string, number])[]) => ({
      known: true as const,
      records,
      partitions: partitions.map(([partition, behind]) => ({ partition, records: behind })),
    });

    it('sums what dispatchers do, and counts each partition once, however many tell of it', () => {
      const status = of(
        reading('a', { retrying: 1, deadLettered: 2, lag: lag(30, ['p', 10], ['q', 20]) }),
        reading('b', { retrying: 3, deadLettered: 4, lag: lag(45, ['q', 25], ['r', 20]) }),
      );
      expect(status).to.include({ retrying: 4, deadLettered: 6, lag: 55 });
    });

    it('counts partitions that a dispatcher has too many of to name', () => {
      const most = { retrying: Number.MAX_SAFE_INTEGER, lag: lag(Number.MAX_SAFE_INTEGER) };
      const sums = of(reading('a', most), reading('b', { ...most, lag: lag(9e15, ['p', 9e15]) }));
      expect(Object.values({ lag: sums.lag, retrying: sums.retrying }).every(Number.isSafeInteger)).to.equal(true);
      expect(of(reading('a', { lag: lag(500, ['p', 100]) }), reading('b', { lag: lag(480, ['p', 90]) })).lag).to.equal(
        500,
      );
    });

    it('rounds the lag to two digits', () => {
      const rows = [
        [0, 0],
        [9, 9],
        [99, 99],
        [104, 100],
        [12_649, 13_000],
        [1_999_999, 2_000_000],
      ] as const;
      for (const [records, rounded] of rows) expect(of(reading('a', { lag: lag(records) })).lag).to.equal(rounded);
    });

    it('leaves out what is not known', () => {
      const unknown = of(reading('a', { lag: { known: false, why: 'x' }, retrying: 1 }), reading('b', {}));
      expect(unknown).to.not.have.property('lag');
      expect(unknown).to.have.property('retrying', 1);
      const unreachable = of(reading('a', { retrying: 1 }), { pod: 'b', why: 'no answer' });
      expect(unreachable).to.not.have.any.keys('lag', 'retrying', 'deadLettered');
      const nothing = statusOf(anObservation({ deployment: undefined, pods: [], dispatchers: [] }), undefined);
      expect(nothing).to.not.have.any.keys('lag', 'retrying', 'deadLettered', 'replicas');
    });
  });

  it('names what a trigger consumes in short', () => {
    const pulsar = { topics: ['a', 'b', 'c'], broker: 'ws://b', subscription: { name: 'mine' } };
    const status = statusOf(anObservation({ trigger: aTrigger({ pulsar }) }), undefined);
    expect(status).to.include({ source: 'a and 2 more', subscription: 'mine' });
  });

  it('keeps saying what is consumed while a new spec is invalid', () => {
    const before = statusOf(anObservation(), undefined);
    const status = statusOf(anObservation({ trigger: aTrigger({ scaling: { replicas: -1 } }) }), before);
    expect(status).to.include({
      source: 'persistent://public/default/orders',
      subscription: 'orders-shop',
      replicas: 1,
    });
  });
});

function condition(type: string, reason: string, message: string): Condition {
  const lastTransitionTime = '2026-11-21T09:55:30Z';
  return { type, status: 'True', reason, message, lastTransitionTime, observedGeneration: 3 };
}
