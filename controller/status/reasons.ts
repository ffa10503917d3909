/** Every condition and reason that a trigger's status can carry, declared once; docs/conditions.md explains each. */
import { DISCONNECT_REASONS, HOLD_REASONS } from '../../api/dispatcher-status.ts';

/** What keeps the Deployment from being as the trigger wants it. */
export const APPLY_FAILURES = [
  'InvalidDeployment',
  'QuotaExceeded',
  'PodSecurityViolation',
  'Forbidden',
  'NamespaceNotAllowed',
  'NamespaceMissing',
  'NamespaceUnknown',
  'NotOwned',
  'ApplyFailed',
] as const;

/** What keeps dispatchers from running. */
export const POD_TROUBLES = [
  'QuotaExceeded',
  'PodSecurityViolation',
  'Forbidden',
  'ServiceAccountMissing',
  'InvalidDeployment',
  'PodsNotCreated',
  'ImagePullFailed',
  'SecretMissing',
  'ConfigMapMissing',
  'VolumeFailed',
  'ContainerFailed',
  'CrashLoop',
  'Unschedulable',
  'Evicted',
  'Terminating',
] as const;

/** Holds with which records are still delivered, or can be. */
export const MILD_HOLDS = ['DispatchRateLimit', 'BacklogQuota', 'PatternAsName'] as const;

export type SevereHold = Exclude<(typeof HOLD_REASONS)[number], (typeof MILD_HOLDS)[number]>;

/** By condition, in the order in which a status lists them. */
export const REASONS = {
  Ready: [
    'Deleting',
    'InvalidSpec',
    ...APPLY_FAILURES,
    ...POD_TROUBLES,
    ...DISCONNECT_REASONS,
    'FunctionNotFound',
    'Blocked',
    'RecordsUnreadable',
    'UnacknowledgedLimit',
    'NothingArrives',
    'HeldBack',
    'NotReady',
    'Stalled',
    'DeploymentPaused',
    'RollingOut',
    'ScaledToZero',
    'Paused',
    'Running',
  ],
  SourceConnected: [
    'Connected',
    ...DISCONNECT_REASONS,
    'Connecting',
    'StatusUnreachable',
    'CustomDispatcher',
    'NoDispatcher',
  ],
  FunctionResolved: ['ServiceFound', 'FunctionNotFound', 'External', 'InvalidSpec'],
  Paused: ['Paused', 'Pausing', 'Resumed'],
  Blocked: ['Blocked', 'Unblocked'],
  HeldBack: [...HOLD_REASONS, 'Flowing'],
  UpToDate: ['RolloutPending', 'RolloutPaused', 'UpToDate'],
  PlainTextToken: ['TokenInSpec', 'PasswordInUrl'],
  UnkeyedSerial: ['RecordsWithoutKey'],
  LikelyMistake: ['DoubtfulField'],
} as const;

export type ConditionType = keyof typeof REASONS;
export type Reason<Type extends ConditionType = ConditionType> = (typeof REASONS)[Type][number];
export type ApplyFailureReason = (typeof APPLY_FAILURES)[number];
export type PodTroubleReason = (typeof POD_TROUBLES)[number] | 'NotReady' | 'Stalled';
