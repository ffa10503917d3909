/** How pods are replaced. Always stated whole: a later switch can only take back what was applied explicitly. */
import { isObject } from '../../api/check.ts';
import type { Fields } from './templates.ts';

/**
 * The user's, completed; else Recreate for one replica, so that a rollout sends nothing twice, and with more one after
 * the other, without an extra one. What isn't a strategy is left to the API server, which says so best.
 */
export function strategyOf(theirs: unknown, replicas: unknown): unknown {
  if (theirs === undefined || (isObject(theirs) && Object.keys(theirs).length === 0)) {
    const many = typeof replicas === 'number' && replicas > 1;
    return many ? { type: 'RollingUpdate', rollingUpdate: rollingUpdate({}) } : { type: 'Recreate' };
  }
  if (!isObject(theirs)) return theirs;
  const { type = isObject(theirs.rollingUpdate) ? 'RollingUpdate' : undefined, rollingUpdate: update = {} } = theirs;
  if (type !== 'RollingUpdate' || !isObject(update)) return { ...theirs, ...(type !== undefined && { type }) };
  return { ...theirs, type, rollingUpdate: rollingUpdate(update) };
}

/** The API server refuses an update that may neither add a pod nor take one away. */
function rollingUpdate(theirs: Fields): Fields {
  const staysUp = isNothing(theirs.maxUnavailable);
  return { maxSurge: staysUp ? 1 : 0, maxUnavailable: 1, ...theirs };
}

function isNothing(count: unknown): boolean {
  return count === 0 || count === '0%';
}
