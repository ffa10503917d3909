/** Rules across the fields that all kinds share. */
import { parseDuration } from '../common/duration.ts';
import type { SharedSpec } from './blocks.ts';
import type { Rule } from './kinds/kind.ts';

const RETRY = 'has(self.delivery) && has(self.delivery.retry)';
const DELAYS = `${RETRY} && has(self.delivery.retry.initialDelay) && has(self.delivery.retry.maxDelay)`;

export const sharedRules: readonly Rule<SharedSpec>[] = [
  {
    reads: ['delivery.retry.initialDelay', 'delivery.retry.maxDelay'],
    path: 'delivery.retry.maxDelay',
    cel: `!(${DELAYS}) || duration(self.delivery.retry.initialDelay) <= duration(self.delivery.retry.maxDelay)`,
    message: 'the longest delay is at least the first',
    cure: 'Raise maxDelay or lower initialDelay.',
    broken: ({ delivery }) => {
      const { initialDelay, maxDelay } = delivery?.retry ?? {};
      if (initialDelay === undefined || maxDelay === undefined) return undefined;
      const exceeds = (parseDuration(initialDelay) ?? 0) > (parseDuration(maxDelay) ?? 0);
      return exceeds ? `initialDelay is ${initialDelay} and maxDelay ${maxDelay}` : undefined;
    },
  },
];
