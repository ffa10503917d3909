import { expect } from 'chai';
import { secretVolumeName } from '../../../../controller/render/names.ts';
import { rendered } from '../../../support/rendered.ts';

const ELSEWHERE = { metadata: { namespace: 'elsewhere' } };

describe('names', () => {
  it('are those of the trigger and its source', () => {
    expect(rendered()).include({ name: 'orders-pulsar', namespace: 'shop', id: 'ff575804f617bdaf' });
  });

  for (const namespace of ['$remove', null]) {
    it(`are those of the trigger's own namespace where another one is removed: ${namespace}`, () => {
      const { deployment, ...own } = rendered({ deployment: { metadata: { namespace } } });
      expect(own).include({ name: 'orders-pulsar', namespace: 'shop' });
      expect(deployment.metadata).include({ name: 'orders-pulsar', namespace: 'shop' });
      expect(deployment.metadata).property('ownerReferences').with.length(1);
    });
  }

  it('have the first digits of the id in another namespace', () => {
    const { name, namespace, id } = rendered({ deployment: ELSEWHERE });
    expect({ name, namespace }).eql({ name: `orders-pulsar-${id.slice(0, 8)}`, namespace: 'elsewhere' });
    expect(rendered({ namespace: 'other', deployment: ELSEWHERE }).name).not.to.equal(name);
  });

  for (const length of [56, 57, 63, 253]) {
    it(`are at most 63 characters for a trigger's of ${length}`, () => {
      const long = 'a'.repeat(length);
      const { name, id } = rendered({ name: long });
      expect(name).equals(length === 56 ? `${long}-pulsar` : `${'a'.repeat(54)}-${id.slice(0, 8)}`);
    });
  }

  it('that are cut stay names, and stay different', () => {
    const names = ['x', 'y'].map((end) => rendered({ name: `${'a'.repeat(53)}.${end}${'b'.repeat(20)}` }).name);
    expect(names[0]).matches(/^a{53}-[0-9a-f]{8}$/);
    expect(new Set(names)).to.have.property('size', 2);
  });

  it('of volumes are labels, and different for different Secrets', () => {
    expect(secretVolumeName('pulsar')).equals('secret-pulsar');
    const names = ['a.b', 'a-b', 'a'.repeat(253), `${'a'.repeat(252)}b`].map(secretVolumeName);
    for (const name of names) expect(name).matches(/^[a-z0-9-]{1,63}$/);
    expect(new Set(names)).to.have.property('size', 4);
  });
});
