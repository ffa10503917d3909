import { expect } from 'chai';
import fc from 'fast-check';
import { InHand, type Link } from '../../../dispatcher/in-hand.ts';

interface Item extends Link<Item> {}

describe('InHand', () => {
  const item = (position: string): Item => ({ position, previous: undefined, following: undefined });

  it('lets the one at hand be removed while they are gone through', () => {
    const inHand = new InHand<Item>();
    for (const position of ['1', '2', '3']) inHand.add(item(position));
    const seen: string[] = [];
    for (const each of inHand) {
      seen.push(each.position);
      inHand.remove(each);
    }
    expect(seen).eql(['1', '2', '3']);
    expect([...inHand]).eql([]);
    expect(inHand.size).equals(0);
  });

  it('keeps no link to what has left, which would keep that alive', () => {
    const inHand = new InHand<Item>();
    const [first, second, third] = [item('1'), item('2'), item('3')];
    for (const each of [first, second, third]) inHand.add(each);
    inHand.remove(second);
    expect(second).eql(item('2'));
    expect([first.following, third.previous]).eql([third, first]);
  });

  it('has the order of arrival and finds what is in hand, whatever comes, leaves and is asked for', () => {
    const step = fc.oneof(
      fc.record({ add: fc.nat(40) }),
      fc.record({ remove: fc.nat(40) }),
      fc.record({ find: fc.nat(40) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const inHand = new InHand<Item>();
        const expected = new Map<string, Item>();
        for (const each of steps) {
          if ('add' in each && !expected.has(`${each.add}`)) {
            const added = item(`${each.add}`);
            expected.set(added.position, added);
            inHand.add(added);
          } else if ('remove' in each) {
            const removed = expected.get(`${each.remove}`);
            if (removed === undefined) continue;
            expected.delete(removed.position);
            inHand.remove(removed);
          } else if ('find' in each) {
            expect(inHand.find(`${each.find}`)).equals(expected.get(`${each.find}`));
          }
          expect([...inHand]).eql([...expected.values()]);
          expect(inHand.size).equals(expected.size);
        }
      }),
    );
  });
});
