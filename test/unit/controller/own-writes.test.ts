import { expect } from 'chai';
import type { KubeObject } from '../../../controller/kube/objects.ts';
import { createOwnWrites } from '../../../controller/own-writes.ts';

const at = (resourceVersion: string): KubeObject => ({ metadata: { name: 'a', uid: 'a', resourceVersion } });

describe('what was written here', () => {
  it('counts while the informer is behind, and no longer when it is not', () => {
    const written = createOwnWrites();
    const own = at('10');
    written.remember('a', own);
    expect(written.newest('a', at('9'))).to.equal(own);
    const newer = at('11');
    expect(written.newest('a', newer)).to.equal(newer);
    const held = at('9');
    expect(written.newest('a', held)).to.equal(held);
  });

  it('counts where the informer has not heard of the object, until it hears that it is gone', () => {
    const written = createOwnWrites();
    written.remember('a', at('10'));
    expect(written.newest('a', undefined)).to.have.nested.property('metadata.resourceVersion', '10');
    written.forget('a');
    expect(written.newest('a', undefined)).to.equal(undefined);
  });

  it('compares versions as numbers', () => {
    const written = createOwnWrites();
    written.remember('a', at('100'));
    expect(written.newest('a', at('99'))).to.have.nested.property('metadata.resourceVersion', '100');
  });

  it('counts for half a minute, should versions begin anew', () => {
    let clock = 0;
    const written = createOwnWrites(() => clock);
    written.remember('a', at('1000'));
    clock = 30_000;
    expect(written.newest('a', at('7'))).to.have.nested.property('metadata.resourceVersion', '7');
  });
});
