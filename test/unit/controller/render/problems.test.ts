import { expect } from 'chai';
import { type Given, rendering } from '../../../support/rendered.ts';

const POD = 'spec.deployment.spec.template.spec';
const pod = (spec: unknown): Given => ({ deployment: { spec: { template: { spec } } } });
const containers = (...list: readonly unknown[]) => pod({ containers: list });

const EXCLUSIVE = { subscription: { type: 'Exclusive' } };
const SEVERAL = { topic: undefined, topics: ['a', 'b'] };
const MARKED = { annotations: { 'kubeless.io/dispatcher': 'current' } };

describe('an override that cannot be merged', () => {
  const table: readonly [given: Given, path: string, message: string, cure: string][] = [
    [{ deployment: { template: {} } }, 'spec.deployment.template', "isn't a field of", 'the fields are'],
    [{ deployment: { Spec: {} } }, 'spec.deployment.Spec', "isn't a field of", 'Did you mean spec?'],
    [{ deployment: { apiVersion: 'apps/v2' } }, 'spec.deployment.apiVersion', 'is "apps/v2"', 'Write apps/v1'],
    [{ deployment: { kind: 'StatefulSet' } }, 'spec.deployment.kind', 'is "StatefulSet"', 'Write Deployment'],
    [{ deployment: { metadata: [] } }, 'spec.deployment.metadata', 'is a list', 'Write an object'],
    [{ deployment: { metadata: { labels: 'a=b' } } }, 'spec.deployment.metadata.labels', 'is a string', 'an object'],
    [{ deployment: { metadata: { namespace: 5 } } }, 'spec.deployment.metadata.namespace', 'is 5', 'a-z'],
    [{ deployment: { metadata: { namespace: 'A' } } }, 'spec.deployment.metadata.namespace', 'is "A"', 'a-z'],
    [
      { deployment: { metadata: { ownerReferences: [] } } },
      'spec.deployment.metadata.ownerReferences',
      'owner',
      'Remove',
    ],
    [{ deployment: { spec: 5 } }, 'spec.deployment.spec', 'is a number', 'Write an object'],
    [{ deployment: { spec: '$remove' } }, 'spec.deployment.spec', "can't be removed", 'leave it out'],
    [{ deployment: { spec: { template: true } } }, 'spec.deployment.spec.template', 'is a boolean', 'an object'],
    [pod('x'), POD, 'is a string', 'an object'],
    [pod({ containers: {} }), `${POD}.containers`, 'is an object', 'a list of objects'],
    [pod({ containers: '$remove' }), `${POD}.containers`, "can't be removed", 'leave it out'],
    [containers(null), `${POD}.containers[0]`, 'is empty', 'an object'],
    [containers('nginx'), `${POD}.containers[0]`, 'is a string', 'an object'],
    [containers({}, 5), `${POD}.containers[1]`, 'is a number', 'an object'],
    [containers({ env: { A: '1' } }), `${POD}.containers[0].env`, 'is an object', 'a list of objects'],
    [containers({ env: ['A=hunter2'] }), `${POD}.containers[0].env[0]`, 'is a string', 'an object'],
    [containers({ volumeMounts: 'x' }), `${POD}.containers[0].volumeMounts`, 'is a string', 'a list'],
    [containers({ ports: [8080] }), `${POD}.containers[0].ports[0]`, 'is a number', 'an object'],
    [pod({ volumes: [[]] }), `${POD}.volumes[0]`, 'is a list', 'an object'],
    [containers({}, { name: 'dispatcher' }), `${POD}.containers[1].name`, 'is "dispatcher"', 'Name it otherwise'],
    [containers({ name: 'a' }, { name: 'b' }, { name: 'a' }), `${POD}.containers[2].name`, 'is "a"', 'otherwise'],
    [
      { pulsar: EXCLUSIVE, deployment: { spec: { replicas: 2 } } },
      'spec.deployment.spec.replicas',
      'is 2, but an Exclusive subscription has one consumer',
      'Failover',
    ],
    [
      { annotations: { 'kubeless.io/dispatcher': 'new' } },
      'metadata.annotations',
      'has kubeless.io/dispatcher: "new"',
      'current or original',
    ],
    [
      { ...containers({ image: 'mine' }), pulsar: SEVERAL },
      'spec.pulsar.topics',
      'has 2 entries, but a dispatcher image of one',
      'kubeless.io/dispatcher: current',
    ],
  ];
  for (const [given, path, message, cure] of table) {
    it(`${path} ${message}`, () => {
      const result = rendering(given);
      if (!('problems' in result)) throw new Error('rendered');
      expect(result.problems).to.have.length(1);
      const [problem] = result.problems;
      expect(problem?.path).equals(path);
      expect(problem?.message).includes(message);
      expect(problem?.cure).includes(cure);
      expect(JSON.stringify(problem)).not.to.include('hunter2');
    });
  }

  const fine: readonly [what: string, given: Given][] = [
    ['one consumer of an Exclusive subscription', { pulsar: EXCLUSIVE, deployment: { spec: { replicas: 1 } } }],
    ['containers without names, which the API server refuses', containers({ name: null }, {})],
    ['several topics for an image marked as ours', { ...containers({ image: 'mine' }), ...MARKED, pulsar: SEVERAL }],
    ['what is left empty', { deployment: { metadata: { namespace: null, labels: null, ownerReferences: null } } }],
  ];
  for (const [what, given] of fine) {
    it(`is not ${what}`, () => {
      expect(rendering(given)).to.have.property('deployment');
    });
  }

  it('has all its problems said at once', () => {
    const result = rendering({ deployment: { metadata: 5, spec: { template: { spec: { containers: [5, 5] } } } } });
    expect(result).property('problems').with.length(3);
  });

  it('may be nested as deep as anyone likes', () => {
    let deep: unknown = {};
    for (let level = 0; level < 5000; level++) deep = { deep };
    expect(rendering({ deployment: { spec: deep } })).nested.property('problems[0].path', 'spec.deployment');
  });
});
