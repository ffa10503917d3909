/** What a dispatcher says of itself that is connected and has done nothing yet. */
import type { DispatcherStatus } from '../../api/dispatcher-status.ts';

export function aDispatcherStatus(changes: Partial<DispatcherStatus> = {}): DispatcherStatus {
  return {
    trigger: { kind: 'PulsarTrigger', name: 'orders', namespace: 'shop' },
    connected: true,
    paused: false,
    records: 0,
    bytes: 0,
    running: 0,
    retrying: 0,
    delivered: 0,
    filtered: 0,
    deadLettered: 0,
    dropped: 0,
    failures: {},
    lag: { known: true, records: 0, partitions: [] },
    ...changes,
  };
}
