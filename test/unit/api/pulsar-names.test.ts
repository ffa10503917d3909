import { expect } from 'chai';
import { isSubscriptionName, isToken, isTopicName } from '../../../api/kinds/pulsar-names.ts';

describe('the names and tokens of Pulsar', () => {
  for (const part of [' ', '\t', 'a', '/', '.', ' a']) {
    it(`are judged in time where they repeat ${JSON.stringify(part)}`, () => {
      const before = process.cpuUsage();
      for (const isValid of [isToken, isTopicName, isSubscriptionName]) {
        expect(isValid(`${part.repeat(100_000)}\0`)).to.equal(false);
      }
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1e6, 'CPU seconds').to.be.below(2);
    });
  }

  it('are tokens with white space around them, and not in them', () => {
    for (const token of ['', ' ', 'a.b', '\n a.b\t\n']) expect(isToken(token), token).to.equal(true);
    for (const token of ['a b', 'a\nb', ' a b', 'ä', '\0']) expect(isToken(token), token).to.equal(false);
  });
});
