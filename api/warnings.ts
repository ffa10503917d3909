/** What is most likely a mistake in a trigger, although it can be meant. */
import { findKind } from './kinds/index.ts';
import type { Problem, Trigger } from './trigger.ts';

export function warningsOf({ kind, source }: Pick<Trigger, 'kind' | 'source'>): readonly Problem[] {
  return findKind(kind)?.warnings?.(source) ?? [];
}
