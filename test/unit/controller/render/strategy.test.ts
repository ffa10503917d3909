import { expect } from 'chai';
import { strategyOf } from '../../../../controller/render/strategy.ts';

describe('the strategy of a Deployment', () => {
  const oneByOne = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
  const table: readonly [what: string, theirs: unknown, replicas: unknown, strategy: unknown][] = [
    ['no replicas written', undefined, undefined, { type: 'Recreate' }],
    ['none', undefined, 0, { type: 'Recreate' }],
    ['one', undefined, 1, { type: 'Recreate' }],
    ['two', undefined, 2, oneByOne],
    ['something else', undefined, 'two', { type: 'Recreate' }],
    ['RollingUpdate alone', { type: 'RollingUpdate' }, 1, oneByOne],
    [
      'an update without a type',
      { rollingUpdate: { maxSurge: 2 } },
      1,
      { ...oneByOne, rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } },
    ],
    [
      'nothing unavailable',
      { rollingUpdate: { maxUnavailable: 0 } },
      1,
      { ...oneByOne, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    ],
    [
      'nothing unavailable, in percent',
      { rollingUpdate: { maxUnavailable: '0%' } },
      3,
      { ...oneByOne, rollingUpdate: { maxSurge: 1, maxUnavailable: '0%' } },
    ],
    [
      'both',
      { rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } },
      3,
      { ...oneByOne, rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } },
    ],
    ['Recreate with more', { type: 'Recreate' }, 3, { type: 'Recreate' }],
    ['nothing in it', {}, 3, oneByOne],
    ['an unknown one', { type: 'Yolo' }, 3, { type: 'Yolo' }],
    ['no object', 5, 3, 5],
  ];
  for (const [what, theirs, replicas, strategy] of table) {
    it(what, () => {
      expect(strategyOf(theirs, replicas)).eql(strategy);
    });
  }
});
