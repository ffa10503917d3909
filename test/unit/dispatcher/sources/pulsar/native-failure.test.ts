import { expect } from 'chai';
import { describeNativeError } from '../../../../../dispatcher/sources/pulsar/native-failure.ts';

const CONTEXT = { broker: 'pulsar://b:6650', topic: 'persistent://a/b/c', subscription: 's' };

describe('errors of the native client', () => {
  const rows: readonly [error: string, reason: string, why: RegExp][] = [
    ['SubscriptionNotFound', 'SubscriptionInvalid', /^subscription "s" on \S+c doesn't exist .* create-subscription/],
    ['ResultNotAllowedError', 'SubscriptionInvalid', /^Pulsar doesn't allow subscription "s" on /],
    ['TopicNotFound', 'TopicNotFound', /^persistent:\/\/a\/b\/c, .* doesn't exist: create it/],
    ['ConsumerBusy', 'SubscriptionBusy', /in use/],
    ['AuthenticationError', 'Unauthorized', /token/],
    ['ConnectError', 'BrokerUnreachable', /nothing answers at pulsar:\/\/b:6650/],
    ['ChecksumError', 'BrokerUnavailable', /Failed to create consumer: ChecksumError/],
  ];
  for (const [error, reason, why] of rows) {
    it(`tells of ${error} what to do`, () => {
      const told = describeNativeError(new Error(`Failed to create consumer: ${error}`), CONTEXT);
      expect(told.reason).to.equal(reason);
      expect(told.why).to.match(why);
    });
  }
});
