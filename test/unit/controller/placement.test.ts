import { expect } from 'chai';
import type { NamespaceObject } from '../../../controller/kube/objects.ts';
import { refuseEnding, refusePlacement } from '../../../controller/placement.ts';

const namespaces: Readonly<Record<string, string | undefined>> = {
  open: '*',
  some: 'a, b',
  closed: undefined,
  'kube-system': '*',
  unwatched: '*',
  release: '*',
};

const isWatched = (name: string) => name !== 'unwatched';

function namespace(name: string): NamespaceObject | undefined {
  if (!Object.hasOwn(namespaces, name)) return undefined;
  const from = namespaces[name];
  const annotations = from === undefined ? {} : { 'kubeless.io/triggers-from': from };
  return { metadata: { name, uid: name, resourceVersion: '1', annotations } };
}

const CASES: readonly [from: string, to: string, reason: string | undefined][] = [
  ['a', 'a', undefined],
  ['release', 'release', undefined],
  ['kube-system', 'kube-system', undefined],
  ['a', 'open', undefined],
  ['a', 'some', undefined],
  ['b', 'some', undefined],
  ['c', 'some', 'NamespaceNotAllowed'],
  ['a', 'closed', 'NamespaceNotAllowed'],
  ['a', 'nowhere', 'NamespaceMissing'],
  ['a', 'kube-system', 'NamespaceNotAllowed'],
  ['a', 'release', 'NamespaceNotAllowed'],
  ['a', 'unwatched', 'NamespaceNotAllowed'],
];

describe('the Deployment of a trigger', () => {
  for (const [from, to, reason] of CASES) {
    const may = reason === undefined ? 'may be' : "mayn't be";
    it(`in ${from} ${may} in ${to}`, () => {
      const refusal = refusePlacement({ from, to }, { namespace, isWatched, releaseNamespace: 'release' });
      expect(refusal?.reason).to.equal(reason);
    });
  }

  for (const to of ['a', 'other']) {
    it(`of a is not made in ${to} while that is being deleted`, () => {
      const ending = (deletionTimestamp?: string) =>
        refuseEnding(
          { from: 'a', to },
          {
            namespace: (name) => ({
              metadata: { name, uid: name, resourceVersion: '1', ...(deletionTimestamp && { deletionTimestamp }) },
            }),
          },
        );
      expect(ending()).to.equal(undefined);
      expect(ending('2030-01-01T00:00:00Z')).to.have.property('reason', 'NamespaceMissing');
      expect(ending('2030-01-01T00:00:00Z')?.message).to.include(`namespace ${to} is being deleted`);
    });
  }

  it('is told the command that allows it', () => {
    const refusal = refusePlacement({ from: 'a', to: 'closed' }, { namespace, isWatched });
    expect(refusal?.message).to.include('kubectl annotate namespace closed kubeless.io/triggers-from=a');
  });
});
