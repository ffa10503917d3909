import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import Type from 'typebox';
import { renderCrd, renderCrds } from '../../../api/crd.ts';
import { envelopeProfile, findKind, kinds } from '../../../api/kinds/index.ts';
import { pulsarTrigger } from '../../../api/kinds/pulsar-trigger.ts';

const FILE = new URL('../../../crd.yaml', import.meta.url);

/** What `schema` holds, at any depth, each with its path. */
function* walk(value: unknown, path = ''): Generator<readonly [string, unknown]> {
  yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) yield* walk(inner, `${path}/${name}`);
}

describe('crd.yaml', () => {
  it('is fresh (npm run crd)', () => {
    expect(readFileSync(FILE, 'utf8')).to.equal(renderCrds(kinds));
  });

  it('stays below the size that kubectl apply can annotate', () => {
    expect(readFileSync(FILE).length).to.be.below(200_000);
  });

  it('holds one definition a kind, with status and printer columns', () => {
    const documents = loadAll(readFileSync(FILE, 'utf8'));
    expect(documents).to.have.length(kinds.length);
    const text = JSON.stringify(documents);
    for (const column of ['Ready', 'Reason', 'Source', 'Function', 'Replicas', 'Age'])
      expect(text).to.include(`"${column}"`);
    expect(text).to.include('"preserveUnknownFields":false').and.to.include('"subresources":{"status":{}}');
  });

  it('has no keyword that an API server refuses, no default, and bounds on all that a user writes', () => {
    for (const [path, value] of walk(renderCrd(pulsarTrigger))) {
      expect(path).not.to.match(
        /\/(default|format|const|\$ref|anyOf|oneOf|additionalProperties|uniqueItems|x-duration)$/,
      );
      if (!path.includes('/properties/spec/') || typeof value !== 'object' || value === null) continue;
      if (!('type' in value) || typeof value.type !== 'string') continue;
      if (value.type === 'string' && !('enum' in value)) expect(value, path).to.have.property('maxLength');
      if (value.type === 'array') expect(value, path).to.have.property('maxItems');
      if (value.type === 'integer' || value.type === 'number')
        expect(value, path).to.include.keys('minimum', 'maximum');
      if ('description' in value || path.endsWith('/items')) expect(value, path).to.have.property('description');
    }
  });

  it('lists no pattern for the fields of old', () => {
    const { topic, broker, 'auth-token': token } = pulsarTrigger.spec.properties.pulsar.properties;
    const { function: url } = pulsarTrigger.spec.properties.kubeless.properties;
    for (const field of [topic, broker, token, url]) {
      expect(field).to.have.property('maxLength');
      expect(field).not.to.have.property('pattern');
    }
  });
});

describe('renderCrd', () => {
  const withField = (schema: Type.TSchema) => ({
    ...pulsarTrigger,
    spec: Type.Object({ ...pulsarTrigger.spec.properties, extra: schema }),
  });

  it('throws on a keyword that it does not know', () => {
    expect(() => renderCrd(withField(Type.Integer({ exclusiveMinimum: 0 })))).to.throw(
      'rendering spec.extra: the keyword exclusiveMinimum is not known to be structural',
    );
    expect(() => renderCrd(withField(Type.Union([Type.String(), Type.Number()])))).to.throw('anyOf');
    expect(() => renderCrd(withField(Type.Boolean({ default: true })))).to.throw('default');
  });

  it('throws on a schema without a type', () => {
    expect(() => renderCrd(withField(Type.Unknown()))).to.throw('rendering spec.extra: it has no type');
  });
});

describe('kinds', () => {
  it('are sorted, and an unknown one names those that are known', () => {
    const names = kinds.map(({ kind }) => kind);
    expect(names).to.deep.equal([...names].sort());
    expect(findKind('Nonsense')).to.equal(undefined);
    expect(() => envelopeProfile('Nonsense')).to.throw('unknown kind "Nonsense": known are PulsarTrigger');
    expect(envelopeProfile('PulsarTrigger').eventTime).to.equal('python');
  });

  it('report each rule at a field that the schema has', () => {
    const crd = JSON.stringify(renderCrd(pulsarTrigger));
    for (const { path, reads } of pulsarTrigger.rules) {
      for (const field of [path, ...reads]) expect(crd).to.include(`"${field.split('.').at(-1)}":{`);
    }
  });
});
