/** One condition to be marked. */
import type { Condition } from '../kube/objects.ts';
import type { ConditionType, Reason } from './reasons.ts';

export interface Verdict<Type extends ConditionType> {
  readonly status: Condition['status'];
  readonly reason: Reason<Type>;
  /** One sentence, with the cure where there is something to be done. */
  readonly message: string;
}
