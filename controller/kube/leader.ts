/** Which of several controllers works: the one that holds a Lease. */
import type { Logger } from '../../common/logger.ts';
import type { KubeClient } from './client.ts';

export interface LeaderElection {
  start(): void;
  /** Stops taking part; a Lease that is held is given back, so that another takes it within two seconds. Never rejects. */
  release(): Promise<void>;
  /** False as soon as the renewal is overdue, even while the process was stopped. */
  isLeader(): boolean;
}

export interface LeaderElectionOptions {
  readonly client: Pick<KubeClient, 'request'>;
  readonly namespace: string;
  readonly name: string;
  /** No other process has the same: the pod's name and something random. */
  readonly identity: string;
  readonly onAcquired: () => void;
  /** Somebody else may lead now: the caller ends the process. Not called after `release`. */
  readonly onLost: (why: string) => void;
  readonly logger: Logger;
}

export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  throw new Error(`electing a leader for ${options.name}: not there yet`);
}
