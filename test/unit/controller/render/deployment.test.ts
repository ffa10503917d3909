import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { canonicalJson } from '../../../../common/canonical-json.ts';
import { readConfig } from '../../../../dispatcher/config.ts';
import { createSecretFiles } from '../../../../dispatcher/sources/secrets.ts';
import { type Given, givenOf, merging, OPTIONS, parts, rendered, variables } from '../../../support/rendered.ts';

const ID = 'ff575804f617bdaf';

describe('a rendered Deployment', () => {
  it('says whose it is', () => {
    const { deployment, id } = rendered();
    const { labels, annotations, ownerReferences } = deployment.metadata;
    expect(id).equals(ID);
    expect(labels).include({ 'kubeless.io/trigger-id': ID });
    expect(annotations).include({
      'kubeless.io/trigger': 'PulsarTrigger/shop/orders',
      'kubeless.io/trigger-uid': 'c0ffee',
      'kubeless.io/dispatcher': 'current',
    });
    expect(ownerReferences).eql([
      {
        apiVersion: 'kubeless.io/v1',
        kind: 'PulsarTrigger',
        name: 'orders',
        uid: 'c0ffee',
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
  });

  it('has no owner in another namespace, where it would be collected', () => {
    const { deployment } = rendered({ deployment: { metadata: { namespace: 'elsewhere' } } });
    expect(deployment.metadata).not.to.have.property('ownerReferences');
    expect(deployment.metadata.annotations).include({ 'kubeless.io/trigger-uid': 'c0ffee' });
  });

  it('selects its pods by the id alone, whatever the labels of the user', () => {
    const mine = { 'kubeless.io/trigger-id': 'mine', 'app.kubernetes.io/name': 'mine', team: 'money' };
    const { deployment, spec, template } = parts({
      deployment: {
        metadata: { labels: mine },
        spec: { selector: { matchLabels: mine }, template: { metadata: { labels: mine } } },
      },
    });
    expect(spec.selector).eql({ matchLabels: { 'kubeless.io/trigger-id': ID } });
    for (const labels of [deployment.metadata.labels, template.metadata.labels]) {
      expect(labels).include({ ...mine, 'kubeless.io/trigger-id': ID });
    }
  });

  it('keeps the annotations of the user, and its own', () => {
    const annotations = { 'kubeless.io/trigger': 'mine', 'kubeless.io/rendered': 'mine', note: 'x' };
    const { deployment, template } = parts({
      deployment: { metadata: { annotations }, spec: { template: { metadata: { annotations } } } },
    });
    for (const found of [deployment.metadata.annotations, template.metadata.annotations]) {
      expect(found).include({ note: 'x', 'kubeless.io/trigger': 'PulsarTrigger/shop/orders' });
    }
    expect(deployment.metadata.annotations['kubeless.io/rendered']).matches(/^[0-9a-f]{64}$/);
    expect(template.metadata.annotations).property('prometheus.io/port', '8080');
  });

  it('ignores a name and a status', () => {
    const deployment = { metadata: { name: 'mine', generateName: 'm', uid: null }, status: { replicas: 1 } };
    const { metadata } = rendered({ deployment }).deployment;
    expect({ ...metadata, annotations: {} }).eql({ ...rendered().deployment.metadata, annotations: {} });
  });

  it('states replicas only where the user does', () => {
    const replicas = (spec: Given['spec'], deployment?: unknown) =>
      parts({ ...(spec && { spec }), deployment }).spec.replicas;
    expect(replicas({})).equals(undefined);
    expect(replicas({ scaling: {} })).equals(undefined);
    expect(replicas({ scaling: { replicas: 0 } })).equals(0);
    expect(replicas({ scaling: { replicas: 2 } })).equals(2);
    expect(replicas({ scaling: { replicas: 2 } }, { spec: { replicas: 3 } })).equals(3);
    expect(replicas({ scaling: { replicas: 2 } }, { spec: { replicas: null } })).equals(undefined);
  });

  it('always states its strategy', () => {
    const strategy = (deployment: unknown) => parts({ deployment }).spec.strategy;
    const oneByOne = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    expect(strategy({})).eql({ type: 'Recreate' });
    expect(strategy({ spec: { strategy: null } })).eql({ type: 'Recreate' });
    expect(strategy({ spec: { replicas: 2, strategy: '$remove' } })).eql(oneByOne);
    expect(strategy({ spec: { strategy: { rollingUpdate: { maxSurge: '$remove' } } } })).eql(oneByOne);
  });

  it('has port and Secrets where the dispatcher looks for them', () => {
    const { container, template } = parts({ pulsar: { authTokenSecret: { name: 'pulsar', key: 'token' } } });
    const config = readConfig({ TRIGGER: String(container.env.find(({ name }) => name === 'TRIGGER')?.value) });
    if ('errors' in config) throw new Error(config.errors.join());
    expect(container.ports.map(({ containerPort }) => containerPort)).eql([config.probesPort]);
    expect(template.metadata.annotations).property('prometheus.io/port').equals(String(config.probesPort));
    const secrets = createSecretFiles(config.secretsDir);
    const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
    expect(mounts).includes(dirname(secrets.path({ name: 'pulsar', key: 'token' })));
  });

  it('has time for the calls that run, and to close', () => {
    const grace = (timeout?: string) =>
      parts(timeout === undefined ? {} : { spec: { delivery: { timeout } } }).pod.terminationGracePeriodSeconds;
    expect(['10ms', '1500ms', undefined, '5m', '24h'].map(grace)).eql([16, 17, 195, 315, 315]);
    const { pod } = parts({ pod: { terminationGracePeriodSeconds: 5 } });
    expect(pod.terminationGracePeriodSeconds).equals(5);
  });

  it('has its hash as an annotation', () => {
    const { deployment, hash } = rendered();
    const { 'kubeless.io/rendered': annotated, ...annotations } = deployment.metadata.annotations;
    const rest = canonicalJson({ ...deployment, metadata: { ...deployment.metadata, annotations } });
    expect(annotated).equals(hash).and.equals(createHash('sha256').update(rest).digest('hex'));
  });

  it('tells changes of the trigger from those of the controller', () => {
    const { hash, causedBy } = rendered();
    const upgraded = rendered({}, { ...OPTIONS, dispatcherImage: 'localhost/kubeless-triggers-dispatcher:2' });
    expect(upgraded.hash).not.to.equal(hash);
    expect(upgraded.causedBy).eql(causedBy);
    expect(upgraded.deployment.metadata.annotations).include({ 'kubeless.io/rendered-from': causedBy.trigger });
    expect(rendered({ spec: { paused: true } }).causedBy).not.to.eql(causedBy);
    expect(rendered({ deployment: {} }).causedBy).not.to.eql(causedBy);
    const marked = rendered({ annotations: { 'kubeless.io/dispatcher': 'original' } });
    expect(marked.causedBy).not.to.eql(causedBy);
  });

  it('is the same when only the uid changed but for owner and annotation, so that a restore restarts no pod', () => {
    expect(rendered({ uid: 'other' }).deployment.spec).eql(rendered().deployment.spec);
  });
});

describe("a dispatcher's image", () => {
  const kind = (image: unknown, given: Given = {}, dispatcherImage = OPTIONS.dispatcherImage) =>
    rendered(
      { ...given, deployment: { spec: { template: { spec: { containers: [{ image }] } } } } },
      { ...OPTIONS, dispatcherImage },
    ).dispatcher;

  it('is ours where it has our name, in whatever registry', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(kind('kubeless-triggers-dispatcher')).equals('current');
    expect(kind(`mirror.example:5000/x/kubeless-triggers-dispatcher@${digest}`)).equals('current');
    expect(kind('mirror.example/disp:2', {}, 'corp/disp:1')).equals('current');
    expect(kind('kubeless-triggers-dispatcher:2', {}, 'corp/disp:1')).equals('current');
  });

  it('was made for the original controller where it has another name', () => {
    expect(kind('mine')).equals('original');
    expect(kind('mirror.example:5000/kubeless-triggers-dispatcher-mine:1')).equals('original');
    expect(kind('juliohm/kubeless-pulsar-trigger-dispatcher:1.0.0')).equals('original');
    expect(
      rendered({}, { ...OPTIONS, dispatcherImage: 'juliohm/kubeless-pulsar-trigger-dispatcher' }).dispatcher,
    ).equals('original');
  });

  it('is no other one where the override removes it', () => {
    for (const image of ['$remove', null]) {
      const merged = merging(givenOf({ dispatcher: { image } }));
      expect(merged).property('dispatcher', 'current');
      expect(merged).nested.property('pod.containers[0]').that.does.not.have.property('image');
    }
  });

  it('is what the user says it is, on the trigger or on the Deployment', () => {
    expect(kind('mine', { annotations: { 'kubeless.io/dispatcher': 'current' } })).equals('current');
    expect(kind(OPTIONS.dispatcherImage, { annotations: { 'kubeless.io/dispatcher': 'original' } })).equals('original');
    const annotations = { 'kubeless.io/dispatcher': 'original' };
    const { dispatcher, deployment } = rendered({ deployment: { metadata: { annotations } } });
    expect(dispatcher).equals('original');
    expect(deployment.metadata.annotations).include(annotations);
  });

  it('that was made for the original controller gets what that gave it, and nothing more', () => {
    const { container, pod, template } = parts({
      pulsar: { authTokenSecret: { name: 'pulsar', key: 'token' } },
      dispatcher: { image: 'mine', name: 'own' },
    });
    expect(container).include({ image: 'mine', name: 'own', imagePullPolicy: 'IfNotPresent' });
    expect(Object.keys(container).sort()).eql(['env', 'image', 'imagePullPolicy', 'name', 'resources']);
    expect(pod).eql({ containers: [container], serviceAccountName: 'default' });
    expect(Object.keys(template.metadata.annotations)).eql(['kubeless.io/trigger']);
    expect(variables(container)).not.to.have.property('TRIGGER');
    expect(variables(container)).deep.include({
      PULSAR_TOPIC: 'persistent://public/default/orders',
      PULSAR_AUTH_TOKEN: { secretKeyRef: { name: 'pulsar', key: 'token' } },
    });
  });

  it('that does not know of pauses is scaled to nothing by one', () => {
    const paused = { spec: { paused: true, scaling: { replicas: 2 } } };
    expect(parts({ ...paused, dispatcher: { image: 'mine' } }).spec.replicas).equals(0);
    expect(parts(paused).spec.replicas).equals(2);
    const running = { spec: { scaling: { replicas: 2 } } };
    expect(parts({ ...running, dispatcher: { image: 'mine' } }).spec.replicas).equals(2);
  });

  it('lets the kubelet keep the end of the log of a dispatcher that crashed, unless told otherwise', () => {
    expect(parts().container).property('terminationMessagePolicy', 'FallbackToLogsOnError');
    const override = { spec: { template: { spec: { containers: [{ terminationMessagePolicy: 'File' }] } } } };
    expect(parts({ deployment: override }).container).property('terminationMessagePolicy', 'File');
  });
});
