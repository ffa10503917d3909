import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { encodeTrigger, parseTrigger } from '../../../../api/trigger.ts';
import { renderDeployment } from '../../../../controller/render/deployment.ts';
import { OPTIONS, parts, triggerObject, variables } from '../../../support/rendered.ts';

describe("the dispatcher's variables", () => {
  it('are those of both original lists, and TRIGGER', () => {
    expect(variables(parts().container)).eql({
      TRIGGER: encodeTrigger(triggerObject()),
      TRIGGER_NAME: 'orders',
      TRIGGER_NAMESPACE: 'shop',
      TZ: 'UTC',
      TIMEZONE: 'UTC',
      PULSAR_TOPIC: 'persistent://public/default/orders',
      PULSAR_TOPIC_NAMESPACE: 'public/default',
      PULSAR_TOPIC_NAME: 'orders',
      PULSAR_BROKER: 'pulsar://pulsar:6650',
      KUBELESS_FUNCTION: 'http://billing.shop:8080',
      KUBELESS_FUNCTION_NAMESPACE: 'shop',
      KUBELESS_FUNCTION_PORT: '8080',
      KUBELESS_FUNCTION_SCHEMA: 'http',
      KUBELESS_FUNCTION_SCHEME: 'http',
    });
  });

  it('name the proxy where there is one, for our own dispatchers, and a trigger may name another', () => {
    const options = { ...OPTIONS, proxy: { https: 'http://proxy.example:3128', noProxy: '.svc' } };
    const inEnv = (given: Parameters<typeof parts>[0]) => variables(parts(given, options).container);
    expect(inEnv({})).include({ HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: '.svc' });
    expect(inEnv({})).not.to.have.property('HTTP_PROXY');
    expect(inEnv({ annotations: { 'kubeless.io/dispatcher': 'original' } })).not.any.keys('HTTPS_PROXY', 'NO_PROXY');
    const own = { dispatcher: { env: [{ name: 'HTTPS_PROXY', value: 'http://other.example' }] } };
    expect(inEnv(own)).include({ HTTPS_PROXY: 'http://other.example', NO_PROXY: '.svc' });
    const { noProxy } = options.proxy;
    expect(variables(parts({}, { ...OPTIONS, proxy: { noProxy } }).container)).not.to.have.property('NO_PROXY');
  });

  const LISTS = [
    'PULSAR_TOPIC_NAMESPACE PULSAR_TOPIC_NAME PULSAR_BROKER PULSAR_AUTH_TOKEN KUBELESS_FUNCTION',
    'KUBELESS_FUNCTION_NAMESPACE KUBELESS_FUNCTION_PORT KUBELESS_FUNCTION_SCHEMA TRIGGER_NAME TRIGGER_NAMESPACE',
    'TIMEZONE PULSAR_TOPIC TZ TRIGGER',
  ].join(' ');
  for (const file of ['original-minimal.yaml', 'original-deployment.yaml']) {
    it(`are all there for ${file}`, () => {
      const object = load(readFileSync(new URL(`../../../corpus/good/${file}`, import.meta.url), 'utf8'));
      const parsed = parseTrigger(object);
      if ('problems' in parsed) throw new Error('a good one');
      // A good manifest has metadata.
      const result = renderDeployment(parsed.trigger, object as ReturnType<typeof triggerObject>, OPTIONS);
      if ('problems' in result) throw new Error('a good one');
      const { template } = result.deployment.spec as ReturnType<typeof parts>['spec'];
      const [container] = template.spec.containers;
      expect(container && variables(container)).to.include.keys(...LISTS.split(' '));
    });
  }

  const topics: readonly [topic: string, namespace: string, name: string][] = [
    ['orders', 'public/default', 'orders'],
    ['shop/eu/orders', 'shop/eu', 'orders'],
    ['non-persistent://shop/eu/orders', 'shop/eu', 'orders'],
  ];
  for (const [topic, namespace, name] of topics) {
    it(`take the topic ${topic} apart`, () => {
      expect(variables(parts({ pulsar: { topic } }).container)).include({
        PULSAR_TOPIC: topic,
        PULSAR_TOPIC_NAMESPACE: namespace,
        PULSAR_TOPIC_NAME: name,
      });
    });
  }

  const functions: readonly [url: string, namespace: string | undefined, port: string, scheme: string][] = [
    ['http://billing', 'shop', '80', 'http'],
    ['https://billing.money.svc.cluster.local/x?y=1', 'money', '443', 'https'],
    ['http://billing.money/x', 'money', '80', 'http'],
    ['http://billing.money.svc', 'money', '80', 'http'],
    ['https://api.example.com', undefined, '443', 'https'],
    ['https://hooks.eu.example.com:8443/x', undefined, '8443', 'https'],
    ['https://example.com./x', undefined, '443', 'https'],
    ['https://intranet./x', undefined, '443', 'https'],
    ['http://localhost:3000', undefined, '3000', 'http'],
    ['HTTP://10.0.0.1:8080', undefined, '8080', 'http'],
    ['http://[::1]:8080/', undefined, '8080', 'http'],
  ];
  for (const [url, namespace, port, scheme] of functions) {
    it(`take the function ${url} apart`, () => {
      const found = variables(parts({ spec: { kubeless: { function: url } } }).container);
      expect(found.KUBELESS_FUNCTION_NAMESPACE).equals(namespace);
      expect(found).include({
        KUBELESS_FUNCTION: url,
        KUBELESS_FUNCTION_PORT: port,
        KUBELESS_FUNCTION_SCHEMA: scheme,
      });
    });
  }

  it('have the namespace of a function beside a Deployment that is elsewhere', () => {
    const spec = { kubeless: { function: 'http://billing' }, deployment: { metadata: { namespace: 'money' } } };
    expect(variables(parts({ spec }).container)).property('KUBELESS_FUNCTION_NAMESPACE', 'money');
  });

  it('have no topic where there are several, as the original names know one', () => {
    const found = variables(parts({ pulsar: { topic: undefined, topics: ['a', 'b'] } }).container);
    expect(found).not.to.have.any.keys('PULSAR_TOPIC', 'PULSAR_TOPIC_NAME', 'PULSAR_TOPIC_NAMESPACE');
    expect(found.TRIGGER).includes('"topics":["a","b"]');
  });

  it('hold a token that was written in the clear, once', () => {
    const { container, deployment } = parts({ pulsar: { 'auth-token': 'hunter2' } });
    expect(variables(container)).property('PULSAR_AUTH_TOKEN', 'hunter2');
    expect(JSON.stringify(deployment).split('hunter2')).to.have.length(2);
    expect(variables(parts({ pulsar: { 'auth-token': '' } }).container)).not.to.have.property('PULSAR_AUTH_TOKEN');
  });

  it('leave Secrets to mounted directories', () => {
    const { container, pod } = parts({
      pulsar: {
        authTokenSecret: { name: 'pulsar', key: 'token' },
        tls: { caSecret: { name: 'pulsar', key: 'ca.crt' }, certSecret: { name: 'login.pulsar' } },
      },
    });
    expect(variables(container)).not.to.have.property('PULSAR_AUTH_TOKEN');
    expect(pod.volumes.slice(1)).eql([
      { name: 'secret-login-pulsar-64b81ab3', secret: { secretName: 'login.pulsar' } },
      { name: 'secret-pulsar', secret: { secretName: 'pulsar' } },
    ]);
    expect(container.volumeMounts.slice(1)).eql([
      {
        name: 'secret-login-pulsar-64b81ab3',
        mountPath: '/var/run/secrets/kubeless.io/login.pulsar',
        readOnly: true,
      },
      { name: 'secret-pulsar', mountPath: '/var/run/secrets/kubeless.io/pulsar', readOnly: true },
    ]);
  });

  it('change only with the trigger', () => {
    const defaults = variables(parts().container).TRIGGER;
    expect(variables(parts({ spec: { scaling: { replicas: 4 } } }).container).TRIGGER).equals(defaults);
    expect(variables(parts({ spec: { paused: true } }).container).TRIGGER).not.to.equal(defaults);
  });
});
