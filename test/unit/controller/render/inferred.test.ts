import { expect } from 'chai';
import { givenOf, merging, parts } from '../../../support/rendered.ts';

describe('what an API server infers from other fields is stated:', () => {
  const names: readonly (readonly [pod: Readonly<Record<string, unknown>>, name: unknown])[] = [
    [{}, 'default'],
    [{ serviceAccountName: 'a' }, 'a'],
    [{ serviceAccount: 'a' }, 'a'],
    [{ serviceAccountName: 'a', serviceAccount: 'b' }, 'a'],
    [{ serviceAccountName: '', serviceAccount: 'b' }, 'b'],
    [{ serviceAccountName: '$remove', serviceAccount: 'b' }, 'b'],
    [{ serviceAccountName: '$remove' }, 'default'],
  ];
  for (const [pod, name] of names) {
    it(`the ServiceAccount of ${JSON.stringify(pod)}`, () => {
      const rendered = parts({ pod }).pod;
      expect(rendered.serviceAccountName).equals(name);
      expect(rendered).not.to.have.property('serviceAccount');
    });
  }

  const images: Readonly<Record<string, string>> = {
    side: 'Always',
    'side:latest': 'Always',
    'side:1': 'IfNotPresent',
    'registry.example:5000/team/side': 'Always',
    'registry.example:5000/team/side:1': 'IfNotPresent',
    'side@sha256:0123': 'IfNotPresent',
    'side:latest@sha256:0123': 'Always',
  };
  for (const [image, imagePullPolicy] of Object.entries(images)) {
    it(`the pull policy of ${image}`, () => {
      const { pod } = parts({
        pod: { containers: [{}, { name: 's', image }], initContainers: [{ name: 'i', image }] },
      });
      expect([pod.containers[1], pod.initContainers]).eql([
        { name: 's', image, imagePullPolicy },
        [{ name: 'i', image, imagePullPolicy }],
      ]);
    });
  }

  it('the source of a volume without one', () => {
    expect(parts({ pod: { volumes: [{ name: 'v' }] } }).pod.volumes.at(-1)).eql({ name: 'v', emptyDir: {} });
  });

  it('nothing of what is no text, no list and no object, which is refused', () => {
    for (const pod of [{ serviceAccountName: 5 }, { initContainers: 'all' }, { initContainers: [1] }]) {
      const merged = merging(givenOf({ pod }));
      if ('problems' in merged) throw new Error('not merged');
      expect(merged.pod).deep.include(pod);
    }
  });
});
