import { expect } from 'chai';
import type { Condition, TriggerStatus } from '../../../../controller/kube/objects.ts';
import { transitions } from '../../../../controller/status/transitions.ts';

type Short = readonly [type: string, status: Condition['status'], reason: string];

const status = (...conditions: readonly Short[]): TriggerStatus => ({
  conditions: conditions.map(([type, status, reason]) => ({ type, status, reason, message: `${reason}: mend it` })),
});

const READY: Short = ['Ready', 'True', 'Running'];

describe('transitions', () => {
  /** Before, after, the Events as `type reason action`. */
  const TABLE: readonly (readonly [string, readonly Short[], readonly Short[], ...string[]])[] = [
    ['a new trigger that rolls out', [], [['Ready', 'False', 'RollingOut']], 'Normal RollingOut Reconcile'],
    ['a new trigger that is ready', [], [READY, ['SourceConnected', 'True', 'Connected']], 'Normal Running Reconcile'],
    ['nothing', [READY], [READY]],
    ['a crash', [READY], [['Ready', 'False', 'CrashLoop']], 'Warning CrashLoop Reconcile'],
    [
      'another reason',
      [['Ready', 'False', 'CrashLoop']],
      [['Ready', 'False', 'SecretMissing']],
      'Warning SecretMissing Reconcile',
    ],
    [
      'a reason that two conditions share',
      [READY],
      [
        ['Ready', 'False', 'BrokerUnreachable'],
        ['SourceConnected', 'False', 'BrokerUnreachable'],
      ],
      'Warning BrokerUnreachable Reconcile',
    ],
    [
      'a connection that is back',
      [
        ['Ready', 'False', 'BrokerUnreachable'],
        ['SourceConnected', 'False', 'BrokerUnreachable'],
      ],
      [READY, ['SourceConnected', 'True', 'Connected']],
      'Normal Running Reconcile',
      'Normal Connected Connect',
    ],
    [
      'a function that is found from the start, and one that comes back',
      [['FunctionResolved', 'False', 'FunctionNotFound']],
      [
        ['FunctionResolved', 'True', 'ServiceFound'],
        ['SourceConnected', 'True', 'Connected'],
      ],
      'Normal ServiceFound ResolveFunction',
    ],
    ['what is not known', [READY], [READY, ['SourceConnected', 'Unknown', 'StatusUnreachable']]],
    [
      'records that the broker keeps',
      [READY],
      [READY, ['HeldBack', 'True', 'NothingArrives']],
      'Warning NothingArrives Deliver',
    ],
    ['a full buffer', [READY], [READY, ['Blocked', 'True', 'Blocked']], 'Warning Blocked Deliver'],
    [
      'a buffer with room again',
      [['Blocked', 'True', 'Blocked']],
      [['Blocked', 'False', 'Unblocked']],
      'Normal Unblocked Deliver',
    ],
    ['a token in the clear', [], [['PlainTextToken', 'True', 'TokenInSpec']], 'Warning TokenInSpec Check'],
    [
      'a pause',
      [READY],
      [
        ['Ready', 'True', 'Paused'],
        ['Paused', 'True', 'Paused'],
      ],
      'Normal Paused Reconcile',
    ],
    ['the end of a pause', [['Paused', 'True', 'Paused']], [['Paused', 'False', 'Resumed']], 'Normal Resumed Pause'],
  ];
  for (const [name, before, after, ...expected] of TABLE) {
    it(`${name}: ${expected.join(', ') || 'no Event'}`, () => {
      const found = transitions(status(...before), status(...after));
      expect(found.map(({ type, reason, action }) => `${type} ${reason} ${action}`)).to.deep.equal(expected);
      for (const { note, reason } of found) expect(note).to.equal(`${reason}: mend it`);
    });
  }

  it('are none where a trigger had no status and has no conditions', () => {
    expect(transitions(undefined, {})).to.deep.equal([]);
  });
});
