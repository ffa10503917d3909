/** Whose a Deployment is that has the name which a trigger's is to have. Pure. */
import { parseKey } from './keys.ts';
import type { DeploymentObject } from './kube/objects.ts';
import { TRIGGER_ANNOTATION, TRIGGER_ID_LABEL } from './render/labels.ts';

/** On a Deployment: which installation of the controller looks after it, as `<namespace>/<name of its Lease>`. */
export const MANAGED_BY = 'kubeless.io/managed-by';

export interface Claim {
  /** `<Kind>/<namespace>/<name>` of the trigger. */
  readonly key: string;
  readonly id: string;
  readonly managedBy: string;
}

export type Ownership =
  /** This trigger's; also where it was that of an earlier trigger of the same name, which came back from a backup. */
  | { readonly kind: 'ours' }
  /** About to go, and nothing can be applied to it. */
  | { readonly kind: 'terminating' }
  | { readonly kind: 'other'; readonly message: string }
  /** That of another controller, which sees the same trigger. */
  | { readonly kind: 'rival'; readonly manager: string; readonly message: string };

export function ownershipOf({ metadata, spec }: DeploymentObject, claim: Claim): Ownership {
  const { namespace, name, labels = {}, annotations = {} } = metadata;
  const what = `The Deployment ${name} in ${namespace}`;
  // Whoever takes label or annotation away doesn't take the Deployment away: its selector stays what it was.
  const isOurs =
    annotations[TRIGGER_ANNOTATION] === claim.key ||
    labels[TRIGGER_ID_LABEL] === claim.id ||
    spec?.selector?.matchLabels?.[TRIGGER_ID_LABEL] === claim.id;
  if (!isOurs) {
    const message = `${what} was not made for this trigger. Rename the trigger, or delete that Deployment.`;
    return { kind: 'other', message };
  }
  const manager = annotations[MANAGED_BY] ?? claim.managedBy;
  if (manager !== claim.managedBy) {
    const cure = `kubectl -n ${namespace} annotate deployment ${name} ${MANAGED_BY}-`;
    const message = `${what} is looked after by the controller ${manager}. If that one is no more: ${cure}`;
    return { kind: 'rival', manager, message };
  }
  if (metadata.deletionTimestamp !== undefined) return { kind: 'terminating' };
  return { kind: 'ours' };
}

/**
 * Whether this is one of ours to delete, given that it has the trigger's label or selector. That it isn't another's is
 * not enough: it has to say that it is this installation's or, where it says nothing of that, this trigger's.
 */
export function mayDelete(
  { metadata: { annotations = {}, deletionTimestamp } }: DeploymentObject,
  { key, managedBy }: Pick<Claim, 'key' | 'managedBy'>,
): boolean {
  if (deletionTimestamp !== undefined) return false;
  const trigger = annotations[TRIGGER_ANNOTATION];
  // What is no key is a mistake, not another trigger.
  const isOfAnother = trigger !== undefined && trigger !== key && parseKey(trigger) !== undefined;
  const manager = annotations[MANAGED_BY];
  return !isOfAnother && (manager === undefined ? trigger === key : manager === managedBy);
}

/** Whether all of this is as it was applied. */
export function hasMetadata(
  { metadata }: DeploymentObject,
  wanted: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  },
): boolean {
  const owners = (metadata.ownerReferences ?? []).map(({ uid }) => uid);
  return (
    includes(metadata.labels, wanted.labels) &&
    includes(metadata.annotations, wanted.annotations) &&
    (wanted.ownerReferences ?? []).every(({ uid }) => owners.includes(uid))
  );
}

function includes(
  held: Readonly<Record<string, string>> | undefined = {},
  wanted: Readonly<Record<string, string>> | undefined = {},
): boolean {
  return Object.entries(wanted).every(([name, value]) => held[name] === value);
}
