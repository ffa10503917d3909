import { expect } from 'chai';
import fc from 'fast-check';
import { type Given, merging, parts, partsOf, rendered, rendering } from '../../../support/rendered.ts';

const FIELDS = [
  ...['metadata', 'spec', 'template', 'containers', 'initContainers', 'volumes', 'env', 'volumeMounts', 'ports'],
  ...['name', 'value', 'mountPath', 'containerPort', 'labels', 'annotations', 'strategy', 'rollingUpdate', 'replicas'],
  ...['selector', 'livenessProbe', 'httpGet', 'resources', 'limits', 'image', 'namespace', 'emptyDir', 'type'],
  ...['__proto__', 'constructor', 'toString'],
];
const leaf = fc.oneof(fc.constantFrom(null, '$remove', 'tmp', 'TZ', 'dispatcher', 8080, 0, '/tmp'), fc.jsonValue());
/** Values that reach far into an override, as most random JSON doesn't. */
const plausible = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string()), tie('value'), { maxKeys: 5 }),
  ),
})).value;
const fields = fc.dictionary(fc.constantFrom(...FIELDS), plausible, { maxKeys: 6 });
const overrides: fc.Arbitrary<unknown> = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue()),
  fc.record({ metadata: plausible, spec: plausible }, { requiredKeys: [] }),
  fields.map((spec) => ({ spec: { template: { spec } } })),
  fc.tuple(fields, fields, plausible).map(([pod, dispatcher, other]) => ({
    spec: { template: { spec: { ...pod, containers: [dispatcher, other] } } },
  })),
);
const ours = ['TRIGGER', 'TRIGGER_NAME', 'TRIGGER_NAMESPACE'];

describe('rendering any override', () => {
  it('gives a Deployment or problems, and the same again', () => {
    fc.assert(
      fc.property(overrides, (deployment) => {
        const first = rendering({ deployment });
        expect(rendering({ deployment: structuredClone(deployment) })).eql(first);
        if (!('problems' in first)) return;
        for (const { path } of first.problems) expect(path).matches(/^spec\.deployment/);
      }),
      { numRuns: 1000 },
    );
  });

  it('never gives away whose it is', () => {
    const { deployment: plain } = rendered();
    fc.assert(
      fc.property(overrides, (deployment) => {
        const result = merging({ deployment });
        if ('problems' in result) return;
        const { spec, template, container } = partsOf(result.unsigned);
        expect(spec.selector).eql(plain.spec.selector);
        expect(template.metadata.labels).property('kubeless.io/trigger-id', result.id);
        const { labels, annotations } = result.unsigned.metadata;
        expect(labels).property('kubeless.io/trigger-id', result.id);
        expect(annotations).property('kubeless.io/dispatcher', result.dispatcher);
        if (result.dispatcher === 'original') return;
        expect(container.env.filter(({ name }) => ours.includes(name))).eql(
          parts().container.env.filter(({ name }) => ours.includes(name)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  const nothings: readonly unknown[] = [
    {},
    { metadata: {}, spec: {} },
    { metadata: null, spec: { template: null } },
    { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: { metadata: {}, spec: { containers: [] } } } },
    {
      spec: {
        strategy: {},
        template: { spec: { volumes: [], containers: [{ env: [], volumeMounts: [], ports: [] }] } },
      },
    },
    {
      spec: {
        template: { spec: { securityContext: {}, containers: [{ resources: { limits: {} }, livenessProbe: {} }] } },
      },
    },
  ];
  for (const deployment of nothings) {
    it(`changes nothing where nothing is in it: ${JSON.stringify(deployment)}`, () => {
      const given: Given = { deployment };
      expect(rendered(given).deployment.spec).eql(rendered().deployment.spec);
    });
  }

  it('changes nothing where it says what is there anyway', () => {
    const { spec } = rendered().deployment;
    const { strategy, template } = spec;
    expect(rendered({ deployment: { spec: { strategy, template } } }).deployment.spec).eql(spec);
  });
});
