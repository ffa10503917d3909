/** Where a trigger's Deployment may be: in its own namespace, or in one that says so. Pure. */
import type { NamespaceObject } from './kube/objects.ts';
import type { ApplyFailure } from './status/observed.ts';

/** On a namespace: the namespaces whose triggers may have Deployments in it, separated by commas, or `*`. */
const TRIGGERS_FROM = 'kubeless.io/triggers-from';

export interface Place {
  /** The trigger's own namespace. */
  readonly from: string;
  /** Where its Deployment is to be. */
  readonly to: string;
}

export interface PlacementOptions {
  readonly namespace: (name: string) => NamespaceObject | undefined;
  /** Why nothing is known of a namespace, not even whether it is there; undefined where something is. */
  readonly unknown?: (name: string) => string | undefined;
  /** Whether the controller looks after this namespace at all. */
  readonly isWatched: (name: string) => boolean;
  /** Where the controller itself is. */
  readonly releaseNamespace?: string | undefined;
}

/** Why nothing is made in a namespace that is about to go, with all that is in it; undefined where it isn't. */
export function refuseEnding({ from, to }: Place, { namespace }: Pick<PlacementOptions, 'namespace'>) {
  if (namespace(to)?.metadata.deletionTimestamp === undefined) return undefined;
  const rest =
    from === to ? 'and this trigger with it.' : 'and takes no Deployments. Choose another, or wait for a new one.';
  return { reason: 'NamespaceMissing', message: `The namespace ${to} is being deleted, ${rest}` } as const;
}

/** Undefined where the Deployment may be there. */
export function refusePlacement({ from, to }: Place, options: PlacementOptions): ApplyFailure | undefined {
  if (from === to) return undefined;
  if (to === 'kube-system' || to === options.releaseNamespace) {
    const message = `${to} takes no Deployments of other namespaces' triggers. Choose another namespace, or none.`;
    return { reason: 'NamespaceNotAllowed', message };
  }
  if (!options.isWatched(to)) {
    const message = `${to} is not among the namespaces that the controller watches. Choose one of them, or none.`;
    return { reason: 'NamespaceNotAllowed', message };
  }
  const why = options.unknown?.(to);
  if (why !== undefined) {
    const message = `The namespace ${to} can't be read (${why}). What runs there stays as it is. It is asked again.`;
    return { reason: 'NamespaceUnknown', message };
  }
  const namespace = options.namespace(to);
  if (namespace === undefined) {
    return { reason: 'NamespaceMissing', message: `The namespace ${to} is not there. Create it, or choose another.` };
  }
  if (allows(namespace, from)) return undefined;
  const cure = `kubectl annotate namespace ${to} ${TRIGGERS_FROM}=${from}`;
  return {
    reason: 'NamespaceNotAllowed',
    message: `${to} takes no Deployments of triggers in ${from}. Whoever owns ${to} allows it: ${cure}`,
  };
}

function allows({ metadata }: NamespaceObject, from: string): boolean {
  const names = (metadata.annotations?.[TRIGGERS_FROM] ?? '').split(',').map((name) => name.trim());
  return names.includes('*') || names.includes(from);
}
