/** The numbers of a status, summed over the dispatchers; what one of them doesn't say isn't known. */
import type { DispatcherStatus } from '../../api/dispatcher-status.ts';
import type { TriggerStatus } from '../kube/objects.ts';
import type { DispatcherReading } from './observed.ts';
import { statusesOf } from './source-state.ts';

export function numbersOf(
  readings: readonly DispatcherReading[],
): Pick<TriggerStatus, 'lag' | 'retrying' | 'deadLettered'> {
  const statuses = statusesOf(readings);
  if (statuses.length === 0 || statuses.length < readings.length) return {};
  const lag = lagOf(statuses);
  return {
    ...(lag !== undefined && { lag: twoDigits(lag) }),
    retrying: sum(statuses.map(({ retrying }) => retrying)),
    deadLettered: sum(statuses.map(({ deadLettered }) => deadLettered)),
  };
}

/** Two significant digits: 1234 becomes 1200. */
function twoDigits(count: number): number {
  return sum([Number(count.toPrecision(2))]);
}

/** Several dispatchers may tell the lag of one partition: the subscription's, which they share. */
function lagOf(statuses: readonly DispatcherStatus[]): number | undefined {
  const byPartition = new Map<string, number>();
  let unnamed = 0;
  for (const { lag } of statuses) {
    if (!lag.known) return undefined;
    for (const { partition, records } of lag.partitions) {
      byPartition.set(partition, Math.max(byPartition.get(partition) ?? 0, records));
    }
    unnamed = Math.max(unnamed, lag.records - sum(lag.partitions.map(({ records }) => records)));
  }
  return sum([...byPartition.values()]) + unnamed;
}

/** As much as a status can hold, where there is more. */
function sum(counts: readonly number[]): number {
  const total = counts.reduce((total, count) => total + count, 0);
  return Math.min(total, Number.MAX_SAFE_INTEGER);
}
