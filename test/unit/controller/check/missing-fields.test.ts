import { expect } from 'chai';
import { renderCrd } from '../../../../api/crd.ts';
import { kinds } from '../../../../api/kinds/index.ts';
import type { Kind } from '../../../../api/kinds/kind.ts';
import { parseTrigger } from '../../../../api/parse.ts';
import { missingFields } from '../../../../controller/check/missing-fields.ts';
import { sampleTrigger } from '../../../../controller/check/sample-trigger.ts';

/** What an API server would say of the kind's own CRD, which the test may change. */
function served(kind: Kind) {
  // biome-ignore lint/suspicious/noExplicitAny: the test takes parts of the schema away
  const crd = structuredClone(renderCrd(kind)) as any;
  const schema = crd.spec.versions[0].schema.openAPIV3Schema;
  return { ...schema, 'x-kubernetes-group-version-kind': [{ group: 'kubeless.io', version: 'v1', kind: kind.kind }] };
}

describe('missingFields', () => {
  for (const kind of kinds) {
    const document = (schema: object) => ({ components: { schemas: { 'io.kubeless.v1.Any': schema } } });

    it(`finds nothing missing in the CRD of this version: ${kind.kind}`, () => {
      expect(missingFields(kind, document(served(kind)))).to.deep.equal([]);
    });

    it(`names what an older CRD lacks, once: ${kind.kind}`, () => {
      const old = served(kind);
      delete old.properties.spec.properties.delivery;
      delete old.properties.spec.properties.kubeless.properties.contentType;
      delete old.properties.status.properties.conditions.items.properties.observedGeneration;
      expect(missingFields(kind, document(old))).to.have.members([
        '.spec.delivery',
        '.spec.kubeless.contentType',
        '.status.conditions[].observedGeneration',
      ]);
    });

    it(`says when the kind isn't served: ${kind.kind}`, () => {
      expect(missingFields(kind, {})).to.equal(undefined);
    });

    it(`has a sample that this version takes: ${kind.kind}`, () => {
      const sample = sampleTrigger(kind);
      const parsed = parseTrigger({ ...sample, metadata: { name: 'check', namespace: 'default' } });
      expect('problems' in parsed ? parsed.problems : []).to.deep.equal([]);
    });
  }
});
