/** A whole controller: what it sees wakes triggers, and while it leads it looks after each of them. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import { createApplier } from './apply.ts';
import type { Config } from './config.ts';
import { createDispatcherWatch } from './dispatcher-watch.ts';
import { whileLeading, withoutWriting } from './guarded-client.ts';
import { triggerKeyOf } from './keys.ts';
import type { KubeClient } from './kube/client.ts';
import { createLeaderElection } from './kube/leader.ts';
import type { DeploymentObject, TriggerObject } from './kube/objects.ts';
import { createMetrics, type Metrics, type Reading } from './metrics.ts';
import { createObserver } from './observer.ts';
import { createOwnWrites } from './own-writes.ts';
import { createPodEvents } from './pod-events.ts';
import { createReconciler } from './reconciler.ts';
import { DISPATCHER_ANNOTATION } from './render/labels.ts';
import { createRollouts } from './rollouts.ts';
import { createRounds } from './rounds.ts';
import { readDispatcherStatus } from './status/dispatcher-reading.ts';
import { createEventRecorder } from './status/events.ts';
import { createStatusWriter } from './status-writer.ts';
import { createSweeper } from './sweep.ts';
import { createWakers } from './wakers.ts';
import { createWorkQueue } from './work-queue.ts';
import { createWorld } from './world.ts';

export interface ControllerOptions {
  readonly config: Config;
  readonly client: KubeClient;
  readonly logger: Logger;
  /** Of this process alone. */
  readonly identity: string;
  /** Another replica may lead now: the process is to end. */
  readonly onLost: (why: string) => void;
}

export interface Controller {
  start(): void;
  /** Stops working, then gives the Lease back. */
  stop(): Promise<void>;
  /** Undefined when everything is known; else what isn't, in one sentence. */
  notReady(): string | undefined;
  readonly metrics: Metrics;
}

/** Triggers that are looked after at once: more would only keep the API server from renewing our Lease. */
const CONCURRENCY = 8;
/** Milliseconds in which every trigger is looked at, should anything have been missed. */
const ROUND = 600_000;
/** With so many triggers waiting, news that can wait does. */
const BUSY = 50;
/** Milliseconds between attempts of one trigger. */
const BACKOFF = { min: 250, max: 30_000 };
/** Milliseconds that running work gets when the process is told to end: what it wants to write then is refused. */
const GRACE = 200;

export function createController({ config, client, logger, identity, onLost }: ControllerOptions): Controller {
  const managedBy = config.lease === undefined ? 'default/kubeless-triggers' : nameOf(config.lease);
  let isActive = false;
  const election =
    config.lease &&
    createLeaderElection({ client, ...config.lease, identity, logger, onLost, onAcquired: () => void activate() });
  const isLeader = () => election?.isLeader() ?? true;
  const guarded = whileLeading(client, () => isActive && isLeader());
  const writer = config.dryRun ? withoutWriting(guarded, logger) : guarded;

  const wake = (key: string) => {
    if (isActive) queue.add(key);
  };
  const writtenTriggers = createOwnWrites<TriggerObject>();
  const writtenDeployments = createOwnWrites<DeploymentObject>();
  const wakers = createWakers({
    wake,
    writtenTriggers,
    writtenDeployments,
    observer: () => observer,
    dispatchers: () => dispatchers,
  });
  const world = createWorld({ client, watchNamespaces: config.watchNamespaces, logger, ...wakers });
  const rollouts = createRollouts({ max: config.maxRollouts, wake });
  const dispatchers = createDispatcherWatch({
    canAsk: (pod) =>
      world
        .deploymentsOf(triggerKeyOf(pod) ?? '')
        .some(({ metadata }) => metadata.annotations?.[DISPATCHER_ANNOTATION] === 'current'),
    read: readDispatcherStatus,
    onNews: (pod) => {
      const key = triggerKeyOf(pod);
      if (key !== undefined) wake(key);
    },
  });
  const observer = createObserver({ world, podEvents: createPodEvents({ client }), dispatchers });
  const metrics = createMetrics(read);
  const reconcile = createReconciler({
    client,
    world,
    written: writtenTriggers,
    render: { dispatcherImage: config.dispatcherImage, timezone: config.timezone },
    releaseNamespace: config.podNamespace,
    applier: createApplier({
      client: writer,
      held: world.deployment,
      written: writtenDeployments,
      rollouts,
      managedBy,
      onWrite: (result, what) => {
        metrics.wrote('deployment', result);
        logger.debug({ what, result }, 'applied');
      },
    }),
    sweeper: createSweeper({
      client: writer,
      managedBy,
      onDeleted: (result) => metrics.wrote('deletion', result),
      logger,
    }),
    observer,
    statuses: createStatusWriter({
      client: writer,
      written: writtenTriggers,
      events: createEventRecorder({ client: writer, instance: config.podName ?? identity, logger }),
      onWrite: metrics.wrote,
    }),
    rollouts,
    isBusy: () => queue.size > BUSY,
  });
  const queue = createWorkQueue({
    work: reconcile,
    concurrency: CONCURRENCY,
    backoff: BACKOFF,
    observer: {
      succeeded: (_, took) => metrics.reconciled('done', took / 1000),
      failed(trigger, error, took, retryIn) {
        metrics.reconciled('failed', took / 1000);
        logger.warn({ trigger, why: messageOf(error), retryInMs: Math.round(retryIn) }, 'a trigger is tried again');
      },
    },
  });

  const allKeys = () => [...new Set(world.keys())];
  const rounds = createRounds({ items: allKeys, length: () => ROUND, visit: wake });

  async function activate(): Promise<void> {
    await world.synced;
    if (!isLeader()) return;
    isActive = true;
    dispatchers.start();
    const keys = allKeys();
    for (const key of keys) wake(key);
    rounds.start();
    logger.info({ triggers: keys.length }, 'leading');
  }

  function read(): Reading {
    const triggers = new Map<string, number>();
    for (const { status } of world.triggers()) {
      const reason = status?.conditions?.find(({ type }) => type === 'Ready')?.reason ?? 'None';
      triggers.set(reason, (triggers.get(reason) ?? 0) + 1);
    }
    return {
      queue: queue.size,
      isLeader: isActive && isLeader(),
      rolling: rollouts.running,
      waitingToRoll: rollouts.waiting,
      rolloutsPaused: rollouts.isPaused,
      triggers,
    };
  }

  return {
    metrics,
    start() {
      world.start();
      if (election === undefined) void activate();
      else election.start();
    },
    async stop() {
      isActive = false;
      rounds.stop();
      dispatchers.stop();
      await Promise.race([queue.stop(), delay(GRACE)]);
      await election?.release();
      await world.stop();
    },
    notReady: world.notSynced,
  };
}

function nameOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
