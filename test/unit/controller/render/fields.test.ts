import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import { parseTrigger } from '../../../../api/trigger.ts';
import { renderDeployment, type TriggerManifest } from '../../../../controller/render/deployment.ts';
import { KUBERNETES_VERSION } from '../../../../controller/render/kubernetes-types.ts';
import { IMPOSSIBLE, MISTAKES, UNKNOWN_NAMES } from '../../../support/refused-overrides.ts';
import { givenOf, OPTIONS, type Overridden, rendered, rendering } from '../../../support/rendered.ts';

describe('the names and types of an override', () => {
  for (const [given, path, cure] of [...MISTAKES, ...IMPOSSIBLE]) {
    it(`are judged at ${path}: ${cure}`, () => {
      const result = rendering(givenOf(given));
      if (!('problems' in result)) throw new Error('rendered');
      expect(result.problems.map((problem) => problem.path)).eql([path]);
      expect(result.problems[0]?.message).matches(/^is missing$|^(is|has) \S.*[\w\]]$/);
      expect(result.problems[0]?.cure).includes(cure);
      expect(JSON.stringify(result)).not.to.include('hunter2');
    });
  }

  for (const [given, path, cure] of UNKNOWN_NAMES) {
    it(`that aren't known are the API server's to judge, and told of: ${path}`, () => {
      const { unknown, deployment } = rendered(givenOf(given));
      expect(deployment.kind).equals('Deployment');
      expect(unknown.map((problem) => problem.path)).eql([path]);
      expect(unknown[0]?.message).includes(`Kubernetes ${KUBERNETES_VERSION}`);
      expect(unknown[0]?.cure).includes(cure);
      expect(JSON.stringify(unknown)).not.to.include('hunter2');
    });
  }

  it('are refused where an API server would think about them for minutes', () => {
    for (const cpu of ['1e1000000000', '1E+99999', '1e-99999']) {
      const result = rendering(givenOf({ dispatcher: { resources: { limits: { cpu } } } }));
      expect(result).nested.property('problems[0].message', `is "${cpu}", which isn't a quantity`);
    }
  });

  const many = <T>(entry: (n: number) => T) => Array.from({ length: 10_000 }, (_, n) => entry(n));
  const large: readonly [what: string, given: Overridden][] = [
    ['variables', { dispatcher: { env: many((n) => ({ name: `N${n}`, value: n })) } }],
    ['variables of one name', { dispatcher: { env: many(() => ({ name: 'N', value: 'a' })) } }],
    ['ports of one name', { dispatcher: { ports: many((n) => ({ containerPort: n + 1, name: 'a' })) } }],
    [
      'mounts and volumes that are not each other’s',
      {
        dispatcher: { volumeMounts: many((n) => ({ mountPath: `/${n}`, name: `mount-${n}` })) },
        pod: { volumes: many((n) => ({ name: `volume-${n}`, emptyDir: {} })) },
      },
    ],
    ['spaces in a quantity', { dispatcher: { resources: { limits: { cpu: `1${' '.repeat(500_000)}x` } } } }],
    ['colons', { pod: { nodeName: [], restartPolicy: { a: 1 }, hostNetwork: ':'.repeat(500_000) } }],
  ];
  for (const [what, given] of large) {
    it(`are judged in time where there are very many ${what}`, () => {
      const before = process.cpuUsage();
      const result = rendering(givenOf(given));
      const { user, system } = process.cpuUsage(before);
      expect(result).to.have.property('problems').that.has.length.within(1, 200);
      expect((user + system) / 1e6, 'CPU seconds').to.be.below(4);
    });
  }

  const values: readonly [what: string, given: Overridden, message: string][] = [
    ['a number', { deployment: { spec: { replicas: '3' } } }, 'is "3", which isn\'t a whole number'],
    ['a quantity', { dispatcher: { resources: { limits: { memory: '1 Gi' } } } }, 'is "1 Gi", which isn\'t a quantity'],
    [
      'a number that is too large',
      { deployment: { spec: { replicas: 2 ** 32 + 1 } } },
      "is 4294967297, which isn't a number of 32 bits",
    ],
    ['no variable', { dispatcher: { env: [{ name: 'PIN', value: 4711 }] } }, "is a number, which isn't text"],
    ['no argument', { dispatcher: { args: [4711] } }, "is a number, which isn't text"],
    ['no annotation', { deployment: { metadata: { annotations: { a: 4711 } } } }, "is a number, which isn't text"],
    ['no key of a Secret', { pod: { imagePullSecrets: [{ name: 4711 }] } }, "is 4711, which isn't text"],
    ['nothing nested', { pod: { priorityClassName: { a: 'hunter2' } } }, "is an object, which isn't text"],
  ];
  for (const [what, given, message] of values) {
    it(`print ${what}`, () => {
      expect(rendering(givenOf(given))).nested.property('problems[0].message', message);
    });
  }

  const fine: readonly [what: string, given: Overridden][] = [
    ['quantities as numbers', { dispatcher: { resources: { limits: { cpu: 1.5, memory: 2 ** 30 } } } }],
    ['quantities in odd spellings', { dispatcher: { resources: { limits: { cpu: ' +1. ', memory: '1E10' } } } }],
    ['an empty word for none', { dispatcher: { imagePullPolicy: '' } }],
    ['the same toleration twice', { pod: { tolerations: [{ operator: 'Exists' }, { operator: 'Exists' }] } }],
    ['nothing in a list', { dispatcher: { args: [null] } }],
    [
      'ports of two protocols',
      { dispatcher: { ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] } },
    ],
    ['numbers and names of ports', { dispatcher: { livenessProbe: { httpGet: { port: 8080 } } } }],
    ['a variable in place of ours', { dispatcher: { env: [{ name: 'TZ', value: 'UTC' }] } }],
    ['the part of a probe', { dispatcher: { livenessProbe: { httpGet: { path: '/x' } } } }],
  ];
  for (const [what, given] of fine) {
    it(`may be ${what}`, () => {
      expect(rendered(givenOf(given)).unknown).eql([]);
    });
  }

  for (const removed of [null, '$remove']) {
    it(`may be ${removed} wherever there is a field`, () => {
      const { unknown, corrections } = rendered({
        deployment: {
          metadata: { labels: { a: removed }, annotations: { a: removed }, namespace: removed, uid: removed },
          spec: {
            replicas: removed,
            strategy: removed,
            minReadySeconds: removed,
            template: {
              metadata: { labels: { a: removed }, annotations: { a: removed } },
              spec: {
                securityContext: removed,
                hostNetwork: removed,
                volumes: [{ name: 'a', emptyDir: { sizeLimit: removed } }],
                containers: [
                  {
                    ports: removed,
                    resources: { limits: { cpu: removed }, requests: removed },
                    livenessProbe: removed,
                    readinessProbe: removed,
                    env: [{ name: 'A', value: removed }],
                    volumeMounts: [{ mountPath: '/a', name: removed }],
                  },
                  { name: 's', image: 'x', env: removed, resources: { limits: removed } },
                ],
              },
            },
          },
        },
      });
      expect({ unknown, corrections }).eql({ unknown: [], corrections: [] });
    });
  }

  it('are right in all examples and good manifests', () => {
    const folders = ['../../../../examples/', '../../../corpus/good/'].map((path) => new URL(path, import.meta.url));
    const overridden = folders.flatMap((folder) =>
      readdirSync(folder).flatMap((name) =>
        loadAll(readFileSync(new URL(name, folder), 'utf8')).map((object) => {
          const parsed = parseTrigger(object);
          if ('problems' in parsed) throw new Error(name);
          // A trigger was parsed from it.
          const result = renderDeployment(parsed.trigger, object as TriggerManifest, OPTIONS);
          expect(result, name).deep.include({ unknown: [], corrections: [] });
          return Object.keys(parsed.trigger.deployment).length > 0;
        }),
      ),
    );
    expect(overridden).includes(true);
  });
});
