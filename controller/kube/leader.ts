/** Which of several controllers works: the one that holds a Lease. */
import { messageOf } from '../../common/errors.ts';
import type { Logger } from '../../common/logger.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import { createLeaseStore, type LeaseObject, microTime } from './lease.ts';
import { sleep } from './sleep.ts';

export interface LeaderElection {
  start(): void;
  /** Stops taking part; a Lease that is held is given back, and another takes it within two seconds. Never rejects. */
  release(): Promise<void>;
  /** False as soon as the renewal is overdue, even when the process itself stood still meanwhile. */
  isLeader(): boolean;
}

export interface LeaderElectionOptions {
  readonly client: Pick<KubeClient, 'request'>;
  readonly namespace: string;
  readonly name: string;
  /** No other process has the same: the pod's name and something random. */
  readonly identity: string;
  readonly onAcquired: () => void;
  /** Somebody else may lead from now on: the caller ends the process. Called once, and not after `release`. */
  readonly onLost: (why: string) => void;
  readonly logger: Logger;
  /** Milliseconds; 10 s, 7 s and 2 s by default. */
  readonly leaseDuration?: number;
  readonly renewDeadline?: number;
  readonly retryPeriod?: number;
  readonly random?: () => number;
}

/** What one holder's record looked like, and when it was seen to change. Only the local clock counts. */
interface Observed {
  readonly record: string;
  readonly at: number;
}

/**
 * ```
 *  wait ──Lease absent, given back, or unchanged for its duration──▶ hold ──renewed every retryPeriod──▶ hold
 *   ▲ └──changed: wait on                                             │
 *   └── never again: lost means that the process ends ◀── lost ◀──────┴─ not renewed for renewDeadline, or another holds it
 * ```
 */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { identity, logger, leaseDuration = 10_000, renewDeadline = 7_000, retryPeriod = 2_000 } = options;
  const { random = Math.random } = options;
  const store = createLeaseStore(options);
  const stopped = new AbortController();
  let lease: LeaseObject | undefined;
  let observed: Observed | undefined;
  /** Of the last successful renewal, from before it was sent. */
  let renewedAt: number | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let failing: string | undefined;
  let lost = false;

  const isHolding = () => !lost && renewedAt !== undefined;

  async function run(): Promise<void> {
    while (!stopped.signal.aborted && !lost) {
      const worked = await attempt();
      await sleep(pause(worked), stopped.signal);
    }
  }

  /** A holder that failed tries again soon; who waits only reads, and so often that a hand-over has time for slow servers. */
  function pause(worked: boolean): number {
    if (isHolding()) return worked ? retryPeriod : retryPeriod / 4;
    return retryPeriod * (0.25 + 0.15 * random());
  }

  async function attempt(): Promise<boolean> {
    try {
      if (isHolding()) await renew();
      else await tryToAcquire();
      failing = undefined;
      return true;
    } catch (error) {
      const why = messageOf(error);
      if (why !== failing) logger.warn({ why, holding: isHolding() }, 'the lease could not be read or written');
      failing = why;
      return false;
    }
  }

  async function tryToAcquire(): Promise<void> {
    const found = await read();
    if (stopped.signal.aborted || !isFree(found)) return;
    await take(found);
  }

  async function renew(): Promise<void> {
    const known = lease;
    try {
      if (known === undefined) return await take(undefined);
      await take(known);
    } catch (error) {
      if (!isOutdated(error)) throw error;
      // Somebody wrote it, or deleted it: what counts is who holds it now.
      const found = await read();
      const holder = found?.spec?.holderIdentity;
      if (found !== undefined && holder !== identity) return lose(`${holder || 'nobody'} holds the lease`);
      await take(found);
    }
  }

  async function read(): Promise<LeaseObject | undefined> {
    const found = await store.read(timeLeft()).catch((error: unknown) => {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    });
    lease = found;
    // A Lease that was deleted says nothing of its holder, who makes it anew within a retryPeriod.
    if (found !== undefined) {
      const record = JSON.stringify(found.spec ?? {});
      if (observed?.record !== record) observed = { record, at: performance.now() };
    }
    return found;
  }

  function isFree(found: LeaseObject | undefined): boolean {
    const holder = found?.spec?.holderIdentity;
    if (found !== undefined && (holder === undefined || holder === '' || holder === identity)) return true;
    if (observed === undefined) return true;
    const duration = (found?.spec?.leaseDurationSeconds ?? 0) * 1000 || leaseDuration;
    return performance.now() - observed.at > duration;
  }

  /** Writes the Lease as held by us. */
  async function take(known: LeaseObject | undefined): Promise<void> {
    const sentAt = performance.now();
    const now = microTime();
    const before = known?.spec;
    const isOurs = before?.holderIdentity === identity;
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDuration / 1000),
      acquireTime: isOurs && before.acquireTime !== undefined ? before.acquireTime : now,
      renewTime: now,
      leaseTransitions: (before?.leaseTransitions ?? 0) + (isOurs || before === undefined ? 0 : 1),
    };
    lease = await (known === undefined ? store.create(spec, timeLeft()) : store.update(known, spec, timeLeft()));
    if (lost) return;
    const isNew = renewedAt === undefined;
    renewedAt = sentAt;
    clearTimeout(deadline);
    deadline = setTimeout(
      () => lose(`not renewed for ${renewDeadline} ms`),
      sentAt + renewDeadline - performance.now(),
    );
    if (isNew && !stopped.signal.aborted) {
      logger.info({ identity }, 'leading');
      options.onAcquired();
    }
  }

  /** Of one call: three fit into the deadline, so that one connection that hangs doesn't cost the lease. */
  function timeLeft(): number {
    const call = renewDeadline / 3;
    return renewedAt === undefined ? call : Math.max(1, Math.min(call, renewedAt + renewDeadline - performance.now()));
  }

  function lose(why: string): void {
    clearTimeout(deadline);
    if (lost || stopped.signal.aborted) return;
    lost = true;
    logger.error({ why }, 'leadership lost');
    options.onLost(why);
  }

  async function giveBack(known: LeaseObject): Promise<void> {
    const transitions = known.spec?.leaseTransitions ?? 0;
    const spec = { holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(), leaseTransitions: transitions };
    try {
      await store.update(known, spec, retryPeriod);
    } catch (error) {
      // Edited, or renewed by a call whose answer is still on its way.
      const found = isOutdated(error) ? await read() : undefined;
      if (found?.spec?.holderIdentity !== identity) throw error;
      await store.update(found, spec, retryPeriod);
    }
  }

  let released: Promise<void> | undefined;
  async function release(): Promise<void> {
    stopped.abort();
    // A call that hangs mustn't keep the Lease from its successor.
    await Promise.race([running, sleep(retryPeriod / 4, new AbortController().signal)]);
    clearTimeout(deadline);
    const known = isHolding() ? lease : undefined;
    lost = true;
    if (known === undefined) return;
    try {
      await giveBack(known);
      logger.info({ identity }, 'the lease was given back');
    } catch (error) {
      logger.warn({ why: messageOf(error) }, 'the lease was not given back: it is free when it expires');
    }
  }

  return {
    start() {
      running ??= run();
    },
    release() {
      released ??= release();
      return released;
    },
    isLeader: () => !lost && renewedAt !== undefined && performance.now() - renewedAt < renewDeadline,
  };
}

function isOutdated(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 409 || error.status === 404);
}
