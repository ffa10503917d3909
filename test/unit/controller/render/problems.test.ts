import { expect } from 'chai';
import { type Given, rendering } from '../../../support/rendered.ts';

const POD = 'spec.deployment.spec.template.spec';
const pod = (spec: unknown): Given => ({ deployment: { spec: { template: { spec } } } });
const containers = (...list: readonly unknown[]) => pod({ containers: list });

const EXCLUSIVE = { subscription: { type: 'Exclusive' } };
const SEVERAL = { topic: undefined, topics: ['a', 'b'] };
const MARKED = { annotations: { 'kubeless.io/dispatcher': 'current' } };

type Row = readonly [given: Given, path: string, message: string, cure: string];

describe('an override that cannot be merged', () => {
  const table: readonly Row[] = [
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
      'the owner is the trigger',
      'Remove',
    ],
    ...['uid', 'resourceVersion', 'creationTimestamp', 'selfLink'].map(
      (field): Row => [
        { deployment: { metadata: { [field]: '5' } } },
        `spec.deployment.metadata.${field}`,
        'only the API server sets it',
        'Remove',
      ],
    ),
    [
      { deployment: { spec: { template: { metadata: { generation: 2 } } } } },
      'spec.deployment.spec.template.metadata.generation',
      'only the API server sets it',
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
    [
      containers({ name: 'a' }, { name: 'b', image: 'x' }, { name: 'a' }),
      `${POD}.containers[2].name`,
      'is "a"',
      'otherwise',
    ],
    [
      containers({ name: 'proxy' }, { name: 'dispatcher', env: [] }),
      `${POD}.containers[1].image`,
      'is missing',
      'Move "dispatcher" to the front',
    ],
    [containers({}, { name: 'proxy' }), `${POD}.containers[1].image`, 'is missing', 'Write the image'],
    [pod({ initContainers: [{ name: 'wait' }] }), `${POD}.initContainers[0].image`, 'is missing', 'Write the image'],
    [containers({ image: null }), `${POD}.containers[0].image`, 'is missing', 'Write the image'],
    [
      containers({ resources: { requests: { memory: '2Gi' } } }),
      `${POD}.containers[0].resources.requests.memory`,
      'is 2Gi, more than the default limit of 1Gi',
      'Write limits.memory too.',
    ],
    [
      containers({ resources: { requests: { cpu: 3 }, limits: { cpu: '2500m' } } }),
      `${POD}.containers[0].resources.requests.cpu`,
      'is 3, more than the limit of 2500m',
      'Raise the limit or lower the request.',
    ],
    [
      containers({}, { name: 's', image: 'x', resources: { requests: { memory: '1G' }, limits: { memory: '1M' } } }),
      `${POD}.containers[1].resources.requests.memory`,
      'is 1G, more than the limit of 1M',
      'Raise the limit',
    ],
    [
      containers({ startupProbe: { httpGet: { port: 'http' } } }),
      `${POD}.containers[0].startupProbe.httpGet.port`,
      'is "http", but no port of the container has that name',
      'Write the number',
    ],
    [
      containers({ startupProbe: { httpGet: { port: '8080' } } }),
      `${POD}.containers[0].startupProbe.httpGet.port`,
      'is "8080", but no port of the container has that name',
      'Write the number',
    ],
    [
      containers({ ports: [{ containerPort: 8080, name: 'http' }], livenessProbe: { tcpSocket: { port: 'probes' } } }),
      `${POD}.containers[0].livenessProbe.tcpSocket.port`,
      'is "probes", but no port',
      'Write the number',
    ],
    [
      containers({ ports: [{ containerPort: 9090, name: 'probes' }] }),
      `${POD}.containers[0].ports[0].name`,
      'is "probes", the name of port 8080 too',
      '{containerPort: 8080, name: $remove}',
    ],
    [
      containers({ volumeMounts: [{ name: 'tpm', mountPath: '/x' }] }),
      `${POD}.containers[0].volumeMounts[0].name`,
      'is "tpm", but the pod has no volume of that name',
      'Add it to volumes',
    ],
    [
      pod({
        volumes: [{ name: 'company-ca' }],
        containers: [{ volumeMounts: [{ name: 'companyca', mountPath: '/x' }] }],
      }),
      `${POD}.containers[0].volumeMounts[0].name`,
      'is "companyca", but',
      'Did you mean company-ca?',
    ],
    [
      pod({ securityContext: { runAsUser: 0 } }),
      `${POD}.securityContext.runAsUser`,
      'is 0, but',
      'runAsNonRoot: false',
    ],
    [
      containers({ securityContext: { runAsUser: 0 } }),
      `${POD}.containers[0].securityContext.runAsUser`,
      'is 0, but runAsNonRoot is true',
      'runAsNonRoot: false',
    ],
    [
      containers({ securityContext: { privileged: true } }),
      `${POD}.containers[0].securityContext.privileged`,
      'is true, but allowPrivilegeEscalation is false',
      'allowPrivilegeEscalation: true',
    ],
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
    [
      'a sidecar of the usual name beside a dispatcher of another',
      containers({ name: 'a' }, { name: 'dispatcher', image: 'x' }),
    ],
    [
      'a request that is the limit, in another spelling',
      containers({ resources: { requests: { cpu: 0.7 }, limits: { cpu: '700m' } } }),
    ],
    ['a root user where that is allowed', pod({ securityContext: { runAsUser: 0, runAsNonRoot: false } })],
    [
      'a root user of a sidecar that is allowed one',
      containers({}, { name: 's', image: 'x', securityContext: { runAsUser: 0, runAsNonRoot: false } }),
    ],
    [
      'a port of ours that moves',
      containers({
        ports: [
          { containerPort: 8080, name: null },
          { containerPort: 9090, name: 'probes' },
        ],
      }),
    ],
    ['a probe of the number of a port', containers({ startupProbe: { httpGet: { port: 8080 } } })],
    [
      'ports with empty names',
      containers({
        ports: [
          { containerPort: 1, name: '' },
          { containerPort: 2, name: '' },
        ],
      }),
    ],
    ['several topics for an image marked as ours', { ...containers({ image: 'mine' }), ...MARKED, pulsar: SEVERAL }],
    [
      'what is left empty',
      { deployment: { metadata: { namespace: null, labels: null, ownerReferences: null, creationTimestamp: null } } },
    ],
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
