/** How much work the CEL expressions of one record may do together. */

/**
 * Steps that one record's expressions have together; a step is about what one node of an expression takes, some 0.1 µs.
 * It is counted, not timed: the same record always gets the same answer.
 */
export const MOST_STEPS = 15_000;

/** Thrown when the steps are used up; always this one, as making an error takes longer than an evaluation. */
export const BUDGET_SPENT: Error = new Error('the expression takes too many steps on this record');

/** What is left for a record. */
export class CelBudget {
  #left: number;

  constructor(steps = MOST_STEPS) {
    this.#left = steps;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** Takes `steps`, or throws `BUDGET_SPENT` where there are not so many left, from then on always. */
  spend(steps: number): void {
    // Not `<`: what isn't a number is never within the budget.
    if (this.#left >= steps) {
      this.#left -= steps;
      return;
    }
    this.#left = -1;
    throw BUDGET_SPENT;
  }
}
