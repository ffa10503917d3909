import { expect } from 'chai';
import { parseTrigger, type Trigger } from '../../../api/trigger.ts';
import { sharedStreams } from '../../../cli/shared-streams.ts';

function trigger(name: string, pulsar: object = {}, more: object = {}): Trigger {
  const common = { topic: 'orders', broker: 'ws://host:8080', subscription: { name: 'billing' } };
  const spec = { pulsar: { ...common, ...pulsar }, kubeless: { function: 'http://f' } };
  const parsed = parseTrigger({
    ...{ apiVersion: 'kubeless.io/v1', kind: 'PulsarTrigger' },
    ...{ metadata: { name }, spec: { ...spec, ...more } },
  });
  return 'trigger' in parsed ? parsed.trigger : expect.fail(JSON.stringify(parsed));
}

describe('sharedStreams', () => {
  const shared: readonly [what: string, other: object][] = [
    ['the same source', {}],
    ['another spelling of the topic', { topic: 'persistent://public/default/orders' }],
    ['another spelling of the broker', { broker: 'ws://HOST:8080/ws/v2' }],
    ['several topics', { topic: undefined, topics: ['returns', 'public/default/orders'] }],
  ];
  for (const [what, other] of shared) {
    it(`warns of two triggers with ${what}`, async () => {
      const warnings = await sharedStreams([trigger('a'), trigger('b', other)]);
      expect(warnings).to.deep.equal([
        'PulsarTrigger default/a and PulsarTrigger default/b consume persistent://public/default/orders by ' +
          'subscription billing: each record goes to one of them only. Give each a subscription of its own ' +
          '(spec.pulsar.subscription.name).',
      ]);
    });
  }

  const apart: readonly [what: string, other: object, more?: object][] = [
    ['another topic', { topic: 'returns' }],
    ['another subscription', { subscription: { name: 'mine' } }],
    ['the subscription of its name', { subscription: undefined }],
    ['another broker', { broker: 'ws://host:8081' }],
    ['a pause', {}, { paused: true }],
  ];
  for (const [what, other, more] of apart) {
    it(`is content with ${what}`, async () => {
      expect(await sharedStreams([trigger('a'), trigger('b', other, more)])).to.deep.equal([]);
    });
  }
});
