/** The status of a trigger, told from what was observed. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { warningsOf } from '../../api/warnings.ts';
import type { TriggerStatus } from '../kube/objects.ts';
import { Conditions } from './conditions.ts';
import { functionVerdict } from './function-verdict.ts';
import { loopbackDoubts } from './loopback.ts';
import { numbersOf } from './numbers.ts';
import type { Observed } from './observed.ts';
import { passwordsInUrls } from './passwords-in-urls.ts';
import { diagnosePods } from './pod-diagnosis.ts';
import { readyOf, sentence, whyPaused } from './ready.ts';
import { rolloutOf } from './rollout.ts';
import { blockedOf, holdOf, isUnkeyedSerial, readingsOf, sourceOf } from './source-state.ts';
import { subjectOf } from './subject.ts';

/**
 * Milliseconds after which other numbers, or other words of a dispatcher, are written where they are all that is new: a
 * moment more than between two questions, so that the answers of all dispatchers of a trigger are one write.
 */
export const OUTDATED_NUMBERS = 52_000;

/** Milliseconds that a hint stays at least: what it speaks of comes and goes with the load. */
const HINTED = 600_000;

/** The whole new status; `previous` itself when there is nothing worth writing. */
export function statusOf(observed: Observed, previous: TriggerStatus | undefined): TriggerStatus {
  const status = freshStatus(observed, previous);
  if (previous === undefined) return status;
  const { now, toldFrom = Number.NEGATIVE_INFINITY } = observed;
  // Told in the future: the clock was set back since.
  const isDue = now - toldFrom >= OUTDATED_NUMBERS || now < toldFrom;
  const isSame = isDue ? isDeepStrictEqual(status, previous) : isDeepStrictEqual(urgent(status), urgent(previous));
  return isSame ? previous : status;
}

function freshStatus(observed: Observed, previous: TriggerStatus | undefined): TriggerStatus {
  const { trigger, parsed, deployment } = observed;
  const { generation } = trigger.metadata;
  const rollout = deployment === undefined ? undefined : rolloutOf(deployment);
  // What an invalid spec would consume isn't known; what runs goes on consuming what it did.
  const { source, subscription, broker, function: url } = parsed === undefined ? (previous ?? {}) : subjectOf(parsed);
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: conditionsOf(observed, previous, rollout),
    ...(source !== undefined && { source }),
    ...(subscription !== undefined && { subscription }),
    ...(broker !== undefined && { broker }),
    ...(url !== undefined && { function: url }),
    ...(rollout !== undefined && { replicas: rollout.ready }),
    ...numbersOf(readingsOf(observed)),
  };
}

function conditionsOf(
  observed: Observed,
  previous: TriggerStatus | undefined,
  rollout: ReturnType<typeof rolloutOf> | undefined,
): NonNullable<TriggerStatus['conditions']> {
  const { trigger, parsed, outdated, now } = observed;
  const conditions = new Conditions({
    previous: previous?.conditions ?? [],
    generation: trigger.metadata.generation,
    now,
  });
  const source = sourceOf(observed);
  const functionResolved = functionVerdict(observed.functionLookup);
  const blocked = blockedOf(observed);
  const held = holdOf(observed);
  const diagnosis = diagnosePods(observed);

  conditions.mark('Ready', readyOf(observed, { rollout, diagnosis, source, functionResolved, blocked, held }));
  conditions.mark('SourceConnected', source);
  conditions.mark('FunctionResolved', functionResolved);
  if (parsed?.paused === true) {
    if (rollout?.isComplete === true) conditions.markTrue('Paused', 'Paused', PAUSED);
    else conditions.markFalse('Paused', 'Pausing', rollout?.isPaused === true ? whyPaused(observed) : PAUSING);
  } else if (conditions.had('Paused')) {
    conditions.markFalse('Paused', 'Resumed', 'spec.paused is no longer set');
  }
  if (blocked !== undefined) conditions.mark('Blocked', blocked);
  else if (conditions.had('Blocked')) conditions.markFalse('Blocked', 'Unblocked', 'the buffer has room again');
  if (held !== undefined) conditions.mark('HeldBack', held);
  else if (conditions.had('HeldBack')) conditions.markFalse('HeldBack', 'Flowing', 'records come again, or none waits');
  if (outdated !== undefined) conditions.markFalse('UpToDate', outdated, OUTDATED[outdated]);
  else if (conditions.had('UpToDate')) conditions.markTrue('UpToDate', 'UpToDate', 'the Deployment is up to date');
  const inUrls = parsed && passwordsInUrls(parsed);
  if (parsed?.source.authToken !== undefined) conditions.markTrue('PlainTextToken', 'TokenInSpec', PLAIN_TEXT_TOKEN);
  else if (inUrls !== undefined) conditions.markTrue('PlainTextToken', 'PasswordInUrl', inUrls);
  if (isUnkeyedSerial(observed) || conditions.wasTrueWithin('UnkeyedSerial', HINTED))
    conditions.markTrue('UnkeyedSerial', 'RecordsWithoutKey', UNKEYED_SERIAL);
  const isConnected = source.status === 'True';
  const doubts = parsed === undefined ? [] : [...warningsOf(parsed), ...loopbackDoubts(parsed, isConnected)];
  if (doubts.length > 0) conditions.markTrue('LikelyMistake', 'DoubtfulField', sentence(doubts));
  return [...conditions.list()];
}

/** Without what may wait a minute: numbers, and what a dispatcher says in other words than before. */
function urgent({ lag: _lag, retrying: _retrying, deadLettered: _deadLettered, ...status }: TriggerStatus) {
  const saidByDispatcher = new Set(['SourceConnected', 'Blocked', 'HeldBack']);
  const conditions = status.conditions ?? [];
  const reasons = new Set(conditions.filter(({ type }) => saidByDispatcher.has(type)).map(({ reason }) => reason));
  return {
    ...status,
    conditions: conditions.map(({ message, ...condition }) =>
      reasons.has(condition.reason) ? condition : { ...condition, message },
    ),
  };
}

const PAUSING = 'the dispatchers are being replaced by paused ones';
const PAUSED = 'nothing is consumed and the position is kept: remove spec.paused to go on';
const PLAIN_TEXT_TOKEN =
  'spec.pulsar.auth-token holds a token in the clear, which whoever may read the trigger can read: ' +
  'put it into a Secret, name that in spec.pulsar.authTokenSecret, and make a new token';
const UNKEYED_SERIAL =
  'records without a key are delivered one after the other, which limits the rate: give them keys where they are ' +
  'produced, or set delivery.order to none';
const OUTDATED = {
  RolloutPending: 'the dispatcher of a newer controller waits for its turn to be rolled out',
  RolloutPaused:
    'the dispatcher of a newer controller is not rolled out, because other triggers became not ready with it: ' +
    "mend those, or go back to the controller's last version",
};
