/** What the dispatchers say of their source. They can make a trigger not ready, never ready. */
import {
  DISCONNECT_REASONS,
  type DisconnectReason,
  type DispatcherStatus,
  HOLD_REASONS,
  type HoldReason,
} from '../../api/dispatcher-status.ts';
import type { DispatcherReading, Observed } from './observed.ts';
import { LONGEST_HOLD, plainText } from './plain-text.ts';
import type { Verdict } from './verdict.ts';

/** The readings of pods that are there to stay, by name. */
export function readingsOf({ dispatchers, pods }: Observed): readonly DispatcherReading[] {
  const staying = new Set(
    pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name),
  );
  return dispatchers.filter(({ pod }) => staying.has(pod)).toSorted((a, b) => (a.pod < b.pod ? -1 : 1));
}

export function statusesOf(readings: readonly DispatcherReading[]): readonly DispatcherStatus[] {
  return readings.flatMap((reading) => ('status' in reading ? [reading.status] : []));
}

export function sourceOf(observed: Observed): Verdict<'SourceConnected'> {
  if (observed.dispatcher === 'original') {
    const message = "the dispatcher's image is the trigger's own, which isn't asked whether it is connected";
    return { status: 'Unknown', reason: 'CustomDispatcher', message };
  }
  const readings = readingsOf(observed);
  if (readings.length === 0) {
    return { status: 'Unknown', reason: 'NoDispatcher', message: 'no dispatcher runs that could be asked' };
  }
  const known = statusesOf(readings);
  const down = known.filter(({ connected, why }) => !connected && why !== undefined).toSorted(byReason)[0];
  if (down !== undefined) {
    return { status: 'False', reason: reasonOf(down), message: plainText(down.why ?? '') };
  }
  if (known.some(({ connected }) => !connected)) {
    return { status: 'Unknown', reason: 'Connecting', message: 'a dispatcher is about to connect' };
  }
  if (known.length === 0) {
    const silent = readings.find((reading) => 'why' in reading);
    const cure = silent?.answered === true ? WRONG_ANSWER : NO_ANSWER;
    const message = `no dispatcher says how it is (${plainText(silent?.why ?? '')}): ${cure}`;
    return { status: 'Unknown', reason: 'StatusUnreachable', message };
  }
  return { status: 'True', reason: 'Connected', message: 'the dispatchers are connected to the source' };
}

const NO_ANSWER = 'check that network policies let the controller reach port 8080 of the dispatchers';
const WRONG_ANSWER =
  "correct the image or the ports in spec.deployment, or bring the dispatchers to the controller's version";

/** Undefined while no dispatcher's buffer is full of waiting records. */
export function blockedOf(observed: Observed): Verdict<'Blocked'> | undefined {
  const found = statusesOf(readingsOf(observed)).find(({ blocked }) => blocked !== undefined);
  if (found?.blocked === undefined) return undefined;
  const { key, partition, position, records } = found.blocked;
  const whose = key === undefined ? 'records without a key' : `key ${JSON.stringify(plainText(key, 64))}`;
  const failure = found.lastFailure === undefined ? '' : ` (${plainText(found.lastFailure)})`;
  const bound = found.heldBack === undefined ? 'the buffer is full of' : 'the broker gives no more before';
  const message =
    `${bound} ${whose}, ${records} in hand, the first at ${plainText(position, 64)} of ` +
    `${plainText(partition)}, which the function doesn't take${failure}: ${wayOut(observed)}`;
  return { status: 'True', reason: 'Blocked', message };
}

/** What lets failing records go is named where the trigger hasn't set it. */
function wayOut({ parsed }: Observed): string {
  const { retry, deadLetter } = parsed?.delivery ?? {};
  const isLimited = retry?.maxAttempts !== undefined || retry?.maxAge !== undefined;
  if (!isLimited)
    return `mend the function, or set delivery.retry.maxAttempts${deadLetter ? '' : ' or delivery.deadLetter'}`;
  return 'mend the function, or lower delivery.retry.maxAttempts or maxAge';
}

/** Undefined while no dispatcher says that records wait at the broker although they are wanted. */
export function holdOf(observed: Observed): Verdict<'HeldBack'> | undefined {
  const found = statusesOf(readingsOf(observed))
    .flatMap(({ heldBack }) => (heldBack === undefined ? [] : [{ ...heldBack, reason: holdReasonOf(heldBack) }]))
    .toSorted((a, b) => HOLD_REASONS.indexOf(a.reason) - HOLD_REASONS.indexOf(b.reason))[0];
  return found && { status: 'True', reason: found.reason, message: plainText(found.why, LONGEST_HOLD) };
}

export function isUnkeyedSerial(observed: Observed): boolean {
  return statusesOf(readingsOf(observed)).some(({ unkeyedSerial }) => unkeyedSerial === true);
}

function byReason(a: DispatcherStatus, b: DispatcherStatus): number {
  return DISCONNECT_REASONS.indexOf(reasonOf(a)) - DISCONNECT_REASONS.indexOf(reasonOf(b));
}

function holdReasonOf({ reason }: NonNullable<DispatcherStatus['heldBack']>): HoldReason {
  return HOLD_REASONS.find((known) => known === reason) ?? 'HeldBack';
}

/** Of a dispatcher that may be newer than this controller. */
function reasonOf({ reason }: DispatcherStatus): DisconnectReason {
  return DISCONNECT_REASONS.find((known) => known === reason) ?? 'Disconnected';
}
