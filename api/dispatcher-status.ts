/** What a dispatcher answers at `/status`: written by every dispatcher, read by the controller and by people. */
import Type, { type Static } from 'typebox';

/** Why a source isn't connected, for programs; the sentence for people stands beside it. */
export const DISCONNECT_REASONS = [
  'BrokerUnreachable',
  'BrokerUnavailable',
  'CertificateInvalid',
  'Unauthorized',
  'Forbidden',
  'TopicNotFound',
  'SubscriptionBusy',
  'SubscriptionInvalid',
  'ProtocolMismatch',
  'CredentialsUnreadable',
  'ConnectionLost',
  'Disconnected',
] as const;

export type DisconnectReason = (typeof DISCONNECT_REASONS)[number];

/** Why records wait at a broker whose connection stands; the sentence for people stands beside it. */
export const HOLD_REASONS = [
  'RecordsUnreadable',
  'UnacknowledgedLimit',
  'NothingArrives',
  'DispatchRateLimit',
  'BacklogQuota',
  'PatternAsName',
  'HeldBack',
] as const;

export type HoldReason = (typeof HOLD_REASONS)[number];

/** More could neither be summed nor written into a trigger's status. */
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const blocked = Type.Object({
  /** The key whose first record has waited longest; absent for records without one. */
  key: Type.Optional(Type.String()),
  partition: Type.String(),
  position: Type.String(),
  attempts: count,
  /** Records of that key in hand. */
  records: count,
  /** Milliseconds since its first attempt. */
  age: Type.Number({ minimum: 0 }),
});

const heldBack = Type.Object({ reason: Type.String(), why: Type.String() });

const partitionLag = Type.Object({ partition: Type.String(), records: count });

const lag = Type.Union([
  Type.Object({ known: Type.Literal(true), records: count, partitions: Type.Array(partitionLag) }),
  Type.Object({ known: Type.Literal(false), why: Type.String() }),
]);

/** Fields that aren't named here are allowed, so that a dispatcher may be newer than the controller. */
export const dispatcherStatus = Type.Object({
  trigger: Type.Object({ kind: Type.String(), name: Type.String(), namespace: Type.String() }),
  connected: Type.Boolean(),
  /** Why it isn't connected: one sentence, and one word of `DISCONNECT_REASONS`. */
  why: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  paused: Type.Boolean(),
  /** Records in hand and their bytes. */
  records: count,
  bytes: count,
  /** Calls that run now. */
  running: count,
  /** Keys whose first record waits for another attempt. */
  retrying: count,
  lastFailure: Type.Optional(Type.String()),
  /** Set while the buffer is full of records that wait for a failing key. */
  blocked: Type.Optional(blocked),
  /** Set while records without a key, delivered one after the other, are what limits the rate. */
  unkeyedSerial: Type.Optional(Type.Boolean()),
  /** Set while records wait at the broker although they are wanted: one word of `HOLD_REASONS`, and one sentence. */
  heldBack: Type.Optional(heldBack),
  /** Records since the dispatcher's start. */
  delivered: count,
  filtered: count,
  deadLettered: count,
  /** Let go because a limit was reached and there is no dead letter. */
  dropped: count,
  /** Failed attempts by reason. */
  failures: Type.Record(Type.String(), count),
  lag,
});

export type DispatcherStatus = Static<typeof dispatcherStatus>;

/** What of a status can change a trigger's conditions, as text: all but numbers, and other words for the same. */
export function newsOf(status: Omit<DispatcherStatus, 'lag'>): string {
  const { connected, reason, paused, blocked, unkeyedSerial, heldBack } = status;
  return JSON.stringify([connected, reason, paused, blocked !== undefined, unkeyedSerial, heldBack?.reason]);
}
