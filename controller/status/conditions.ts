/** The conditions of one trigger, set by verbs. */
import type { Condition } from '../kube/objects.ts';
import { plainText } from './plain-text.ts';
import { type ConditionType, REASONS, type Reason } from './reasons.ts';
import type { Verdict } from './verdict.ts';

/** The longest message of a condition. */
const LONGEST = 1024;

export interface ConditionsOptions {
  readonly previous: readonly Condition[];
  readonly generation: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What isn't marked isn't there; a condition whose status stays keeps its `lastTransitionTime`. */
export class Conditions {
  readonly #options: ConditionsOptions;
  readonly #marked = new Map<ConditionType, Condition>();

  constructor(options: ConditionsOptions) {
    this.#options = options;
  }

  mark<Type extends ConditionType>(type: Type, { status, reason, message }: Verdict<Type>): void {
    this.#mark(type, status, reason, message);
  }

  markTrue<Type extends ConditionType>(type: Type, reason: Reason<Type>, message: string): void {
    this.#mark(type, 'True', reason, message);
  }

  markFalse<Type extends ConditionType>(type: Type, reason: Reason<Type>, message: string): void {
    this.#mark(type, 'False', reason, message);
  }

  /** Whether the trigger had this condition before. */
  had(type: ConditionType): boolean {
    return this.#previous(type) !== undefined;
  }

  /** Whether it was True before, and became so less than this many milliseconds ago. */
  wasTrueWithin(type: ConditionType, milliseconds: number): boolean {
    const before = this.#previous(type);
    const age = this.#options.now - Date.parse(before?.lastTransitionTime ?? '');
    return before?.status === 'True' && age < milliseconds;
  }

  /** In the order of `REASONS`. */
  list(): readonly Condition[] {
    return Object.keys(REASONS).flatMap((type) => this.#marked.get(type as ConditionType) ?? []); // its own keys
  }

  #mark(type: ConditionType, status: Condition['status'], reason: string, message: string): void {
    const { generation, now } = this.#options;
    const before = this.#previous(type);
    const kept = before?.status === status ? before.lastTransitionTime : undefined;
    this.#marked.set(type, {
      type,
      status,
      reason,
      message: plainText(message, LONGEST),
      lastTransitionTime: kept ?? timeOf(now),
      ...(generation !== undefined && { observedGeneration: generation }),
    });
  }

  #previous(type: ConditionType): Condition | undefined {
    return this.#options.previous.find((condition) => condition.type === type);
  }
}

/** As Kubernetes writes times: whole seconds. */
function timeOf(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
