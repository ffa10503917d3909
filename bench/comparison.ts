/** How two loops compare that were each measured twice in the same rounds, and how far their two measurements are apart. */
import { median } from './suite.ts';

/** Figures of one run, such as records a second; those with the same index were measured in the same round. */
export interface TwiceMeasured {
  readonly these: readonly [first: readonly number[], again: readonly number[]];
  readonly others: readonly [first: readonly number[], again: readonly number[]];
}

export interface Comparison {
  /** This ÷ other: the median of all rounds of all runs. */
  readonly ratio: number;
  /**
   * The smallest and the largest A/A ratio of a run: the median over its rounds of the same loop's one measurement ÷ its
   * other one, either way round. Below `from` a ratio says more than chance.
   */
  readonly spread: { readonly from: number; readonly to: number };
}

export function compareRuns(runs: readonly TwiceMeasured[]): Comparison {
  const ratios = runs.flatMap(({ these, others }) => [
    ...ratiosOf(these[0], others[0]),
    ...ratiosOf(these[1], others[1]),
  ]);
  const same = runs.flatMap(({ these, others }) =>
    [these, others].flatMap(([first, again]) => {
      const ratio = median(ratiosOf(again, first));
      return [ratio, 1 / ratio];
    }),
  );
  return { ratio: median(ratios), spread: { from: Math.min(...same), to: Math.max(...same) } };
}

function ratiosOf(ones: readonly number[], others: readonly number[]): number[] {
  return ones.map((one, round) => one / (others[round] ?? Number.NaN));
}
