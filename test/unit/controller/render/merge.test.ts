import { expect } from 'chai';
import { givenOf, type Overridden, parts, rendering, variables } from '../../../support/rendered.ts';

describe('merging an override into the dispatcher', () => {
  const { container: untouched, pod: untouchedPod } = parts();
  const names = (entries: readonly { readonly name?: unknown }[]) => entries.map(({ name }) => name);

  it('goes field by field through objects', () => {
    const { container } = parts({ dispatcher: { resources: { limits: { memory: '2Gi', 'nvidia.com/gpu': 1 } } } });
    expect(container.resources).eql({
      limits: { cpu: '1', memory: '2Gi', 'nvidia.com/gpu': 1 },
      requests: { cpu: '500m', memory: '512Mi' },
    });
    expect(container.image).equals(untouched.image);
  });

  it('replaces lists that have no key', () => {
    const tolerations = [
      { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'gpu', operator: 'Exists', effect: 'NoExecute' },
    ];
    const { pod, container } = parts({
      pod: { tolerations },
      dispatcher: { securityContext: { capabilities: { drop: ['NET_RAW'] } } },
    });
    expect(pod.tolerations).eql(tolerations);
    expect(container.securityContext).nested.property('capabilities.drop').eql(['NET_RAW']);
    expect(container.securityContext).property('readOnlyRootFilesystem', true);
  });

  it('puts the variables of the user behind ours, in their order, each as a whole', () => {
    const env = [
      { name: 'B', value: '1' },
      { name: 'TZ', valueFrom: { configMapKeyRef: { name: 'c', key: 'tz' } } },
      { name: 'A', value: '$(TZ)' },
    ];
    const { container } = parts({ dispatcher: { env } });
    expect(container.env.slice(-3)).eql(env);
    expect(names(container.env)).eql([...names(untouched.env).filter((name) => name !== 'TZ'), 'B', 'TZ', 'A']);
  });

  it('keeps the variables that say who the trigger is', () => {
    const env = ['TRIGGER', 'TRIGGER_NAME', 'TRIGGER_NAMESPACE'].map((name) => ({ name, value: 'mine' }));
    expect(parts({ dispatcher: { env } }).container.env).eql(untouched.env);
  });

  it('merges volumes by name, and takes another source instead of ours', () => {
    const bigger = parts({ pod: { volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }] } });
    expect(bigger.pod.volumes).eql([{ name: 'tmp', emptyDir: { sizeLimit: '64Mi', medium: 'Memory' } }]);
    const claim = { name: 'tmp', persistentVolumeClaim: { claimName: 'p' } };
    const more = { name: 'more', configMap: { name: 'c' } };
    expect(parts({ pod: { volumes: [more, claim] } }).pod.volumes).eql([claim, more]);
  });

  it('merges ports by number and protocol, which is TCP where it is empty or removed', () => {
    for (const protocol of [undefined, null, '$remove', 'TCP']) {
      const ports = [{ containerPort: 8080, protocol, hostPort: 80 }];
      expect(parts({ dispatcher: { ports } }).container.ports).to.have.lengthOf(1);
    }
    const udp = parts({ dispatcher: { ports: [{ containerPort: 8080, protocol: 'UDP' }] } });
    expect(udp.container.ports).to.have.lengthOf(2);
  });

  it('merges mounts by their path', () => {
    const more = { name: 'ca', mountPath: '/ca' };
    const volumeMounts = [{ mountPath: '/tmp', subPath: 'x' }, more];
    const pod = { volumes: [{ name: 'ca' }] };
    expect(parts({ pod, dispatcher: { volumeMounts } }).container.volumeMounts).eql([
      { name: 'tmp', mountPath: '/tmp', subPath: 'x' },
      more,
    ]);
  });

  it('merges ports by number and protocol, which is TCP where none is written', () => {
    const ports = [
      { containerPort: 8080, hostPort: 80 },
      { containerPort: 8080, protocol: 'UDP', name: 'other' },
    ];
    expect(parts({ dispatcher: { ports } }).container.ports).eql([
      { name: 'probes', containerPort: 8080, protocol: 'TCP', hostPort: 80 },
      { containerPort: 8080, protocol: 'UDP', name: 'other' },
    ]);
  });

  for (const odd of [{ toString: 1 }, [{ toString: 0 }], { toString: 'TCP', valueOf: 'TCP' }, [[]]]) {
    it(`refuses a key that no text can be made of, at its own place: ${JSON.stringify(odd)}`, () => {
      const dispatcher = '.containers[0]';
      const odds: readonly [given: Overridden, path: string][] = [
        [{ dispatcher: { ports: [{ containerPort: odd }] } }, `${dispatcher}.ports[0].containerPort`],
        [
          { dispatcher: { ports: [{ containerPort: 1 }, { containerPort: 8080, protocol: odd }] } },
          'ports[1].protocol',
        ],
        [
          { dispatcher: { volumeMounts: [{ mountPath: odd, name: 'tmp' }] } },
          `${dispatcher}.volumeMounts[0].mountPath`,
        ],
        [{ dispatcher: { env: [{ name: 'A' }, { name: odd }] } }, `${dispatcher}.env[1].name`],
        [{ pod: { volumes: [{ name: odd }] } }, '.volumes[0].name'],
      ];
      for (const [given, path] of odds) {
        const result = rendering(givenOf(given));
        if (!('problems' in result)) throw new Error(`rendered with ${path}`);
        expect(result.problems).to.have.length(1);
        expect(result.problems[0]?.path).satisfies((found: string) => found.endsWith(path));
      }
    });
  }

  it('takes another handler of a probe instead of ours, and keeps the rest', () => {
    const livenessProbe = { exec: { command: ['true'] }, periodSeconds: 30 };
    const { container } = parts({ dispatcher: { livenessProbe, readinessProbe: { httpGet: { path: '/x' } } } });
    expect(container.livenessProbe).eql({ ...livenessProbe, timeoutSeconds: 5, failureThreshold: 6 });
    expect(container.readinessProbe).nested.property('httpGet').eql({ path: '/x', port: 'probes' });
  });

  for (const removed of [null, '$remove']) {
    it(`removes a field that is ${removed}, wherever it is`, () => {
      const { container, pod } = parts({
        pod: { securityContext: { seccompProfile: removed }, hostAliases: [{ ip: '10.0.0.1', hostnames: removed }] },
        dispatcher: {
          livenessProbe: removed,
          resources: { limits: { cpu: removed } },
          nothing: removed,
          ports: removed,
        },
      });
      expect(container).not.to.have.any.keys('livenessProbe', 'nothing');
      expect(container.resources).property('limits').eql({ memory: '1Gi' });
      expect(pod.securityContext).eql({ runAsNonRoot: true });
      expect(pod.hostAliases).eql([{ ip: '10.0.0.1' }]);
    });

    it(`removes an entry of which ${removed} leaves only the key`, () => {
      const { container, pod } = parts({
        pod: { volumes: [{ name: 'tmp', emptyDir: removed }] },
        dispatcher: {
          env: [{ name: 'TIMEZONE', value: removed }, { name: 'EMPTY' }],
          volumeMounts: [{ mountPath: '/tmp', name: removed }],
          ports: [{ containerPort: 8080, name: removed }],
        },
      });
      expect(pod.volumes).eql([]);
      expect(container).deep.include({ volumeMounts: [], ports: [] });
      expect(variables(container)).not.to.have.property('TIMEZONE');
      expect(container.env.at(-1)).eql({ name: 'EMPTY' });
    });
  }

  it('keeps what reads like a removal inside a list', () => {
    expect(parts({ dispatcher: { args: ['$remove'] } }).container.args).eql(['$remove']);
  });

  it('takes names with nothing behind them, as YAML has them, for nothing written', () => {
    const { container, pod } = parts({ pod: { volumes: null }, dispatcher: { env: null, volumeMounts: null } });
    expect(container).eql(untouched);
    expect(pod).eql(untouchedPod);
  });

  it('takes other containers whole, without merging anything into them', () => {
    const sidecar = { name: 'logs', image: 'fluent-bit', env: [{ name: 'A', value: '1' }] };
    const init = { name: 'wait', image: 'busybox', command: ['sh'], args: null };
    const { pod } = parts({ pod: { containers: [{}, { ...sidecar, livenessProbe: null }], initContainers: [init] } });
    const imagePullPolicy = 'Always';
    expect(pod.containers).eql([untouched, { ...sidecar, imagePullPolicy }]);
    expect(pod.initContainers).eql([{ name: 'wait', image: 'busybox', command: ['sh'], imagePullPolicy }]);
  });
});
