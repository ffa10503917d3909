/** Looks after one trigger: reads the world anew, makes its Deployment as it should be, and says how it is. */
import { findKind } from '../api/kinds/index.ts';
import type { Kind } from '../api/kinds/kind.ts';
import type { Applier, ApplyOutcome } from './apply.ts';
import { contestedEvent } from './contest.ts';
import type { Requests } from './guarded-client.ts';
import { parseKey } from './keys.ts';
import { KubeError } from './kube/client.ts';
import type { TriggerObject, TriggerStatus } from './kube/objects.ts';
import { createLiveReads } from './live-reads.ts';
import type { Observer } from './observer.ts';
import type { OwnWrites } from './own-writes.ts';
import { createPatience } from './patience.ts';
import { createPlacer } from './placer.ts';
import { createPlanner } from './planner.ts';
import type { RenderOptions } from './render/deployment.ts';
import type { Progress, Rollouts } from './rollouts.ts';
import type { Observed } from './status/observed.ts';
import { nextLook } from './status/pod-diagnosis.ts';
import { POD_TROUBLES } from './status/reasons.ts';
import { rolloutOf } from './status/rollout.ts';
import { OUTDATED_NUMBERS, statusOf } from './status/status.ts';
import type { StatusWriter } from './status-writer.ts';
import type { Answer, Sweeper } from './sweep.ts';
import type { World } from './world.ts';

export interface ReconcilerOptions {
  readonly client: Requests;
  readonly world: World;
  readonly written: OwnWrites<TriggerObject>;
  readonly render: RenderOptions;
  readonly releaseNamespace: string | undefined;
  readonly applier: Applier;
  readonly sweeper: Sweeper;
  readonly observer: Observer;
  readonly statuses: StatusWriter;
  readonly rollouts: Rollouts;
  /** Whether many others wait for their turn. */
  readonly isBusy?: () => boolean;
}

/** Takes a trigger's key; rejects where it is to be tried again. `again` in milliseconds. */
export type Reconcile = (key: string) => Promise<{ readonly again?: number } | undefined>;

export function createReconciler(options: ReconcilerOptions): Reconcile {
  const { client, world, written, render, applier, sweeper, observer, statuses, rollouts } = options;
  const live = createLiveReads(client);
  const placer = createPlacer({ ...options, live });
  /** Whom another controller was told to be in the way of, so that two of them don't quarrel over a status for ever. */
  const rivals = new Map<string, string>();
  const patience = createPatience(options);
  const planner = createPlanner(render);

  async function reconcile(key: string): Promise<{ again?: number } | undefined> {
    const found = world.trigger(key);
    if (found === undefined) return gone(key);
    const { kind } = found;
    const trigger = written.newest(key, found.object) ?? found.object;
    const isLeaving = trigger.metadata.deletionTimestamp !== undefined;
    const swept = isLeaving ? await leave(key, kind) : undefined;
    const { parsed, problems, rendered: wanted } = planner.plan(key, trigger);
    const rendered = isLeaving ? undefined : wanted;
    const wasReady = isReady(trigger.status);
    const outcome = rendered === undefined ? {} : await placer.place({ key, kind, trigger, rendered, wasReady });
    const toldFrom = statuses.toldFrom(key);
    const subject = { key, trigger, parsed, problems, rendered, outcome, toldFrom };
    const { observed, again } = await observer.observe(subject);
    const next = statusOf(observed, trigger.status);
    rollouts.observe(key, progressOf(observed, next));
    const isUnchanged = next === trigger.status;
    const wait = isUnchanged ? undefined : patience.left(key, next);
    const isSaid = wait === undefined && maySpeak(key, trigger, outcome);
    const contested = isSaid ? await statuses.write(kind, trigger, next, observed.readAt) : undefined;
    if (outcome.contested !== undefined) await statuses.tell(trigger, contestedEvent(outcome.contested, LEAVE_ALONE));
    if (outcome.error !== undefined) throw outcome.error;
    const later = [
      again,
      nextLook(observed),
      rollouts.deadline(key),
      numbersDue(observed, isUnchanged),
      wait,
      contested,
    ];
    return soonest(swept?.again, outcome.again, ...later);
  }

  async function gone(key: string): Promise<{ again?: number } | undefined> {
    const { kind: kindName = '', namespace = '' } = parseKey(key) ?? {};
    const kind = findKind(kindName);
    // Somebody else's: of a namespace that isn't watched, or of a kind that a newer controller knows.
    if (kind === undefined || !world.isWatched(namespace)) return undefined;
    observer.forget(key);
    written.forget(key);
    statuses.forget(key);
    rivals.delete(key);
    patience.forget(key);
    planner.forget(key);
    return leave(key, kind);
  }

  /** Deployments beside the trigger are the garbage collector's; those elsewhere have no owner that it knows. */
  async function leave(key: string, kind: Kind): Promise<{ again?: number } | undefined> {
    applier.forget(key);
    const namespace = parseKey(key)?.namespace;
    const finding = await sweeper.sweep({
      key,
      deployments: world.deploymentsOf(key).filter(({ metadata }) => metadata.namespace !== namespace),
      why: 'its trigger is gone',
      confirm: () => isGone(kind, key),
    });
    if (finding.kind === 'unknown') throw finding.error;
    return finding.kind === 'holds' ? undefined : { again: 5_000 };
  }

  async function isGone(kind: Kind, key: string): Promise<Answer> {
    const { namespace = '', name = '' } = parseKey(key) ?? {};
    try {
      const found = await live.trigger(kind, namespace, name);
      return found === undefined || found.metadata.deletionTimestamp !== undefined ? 'holds' : 'outdated';
    } catch (error) {
      // With its definition a trigger is deleted, which the watch tells; then nobody can be asked for it any more.
      const isUnserved = error instanceof KubeError && error.reason === 'PathNotFound';
      if (isUnserved && world.wasDeleted(key)) return 'holds';
      throw error;
    }
  }

  function maySpeak(key: string, { metadata }: TriggerObject, { rival }: ApplyOutcome): boolean {
    if (rival === undefined) return true;
    const about = `${metadata.uid} ${metadata.generation} ${rival}`;
    const isNews = rivals.get(key) !== about;
    rivals.set(key, about);
    return isNews;
  }

  return reconcile;
}

const LEAVE_ALONE = 'Have the other leave these fields alone, or write what it wants into spec.deployment.';

function isReady(status: TriggerStatus | undefined): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

function progressOf({ deployment, applyFailure }: Observed, { conditions = [] }: TriggerStatus): Progress {
  // That nobody knows something proves nothing of what is being rolled out.
  if (applyFailure !== undefined && applyFailure.reason !== 'NamespaceUnknown') return 'failed';
  const rollout = deployment && rolloutOf(deployment);
  if (rollout?.isComplete === true) return 'done';
  if (rollout?.isPaused === true) return 'halted';
  const reason = conditions.find(({ type }) => type === 'Ready')?.reason;
  return POD_TROUBLES.some((trouble) => trouble === reason) ? 'failed' : 'running';
}

/** Milliseconds until other numbers are worth a write. */
function numbersDue({ toldFrom, now, dispatchers }: Observed, isUnchanged: boolean): number | undefined {
  if (!isUnchanged || toldFrom === undefined || dispatchers.length === 0) return undefined;
  const left = toldFrom + OUTDATED_NUMBERS - now;
  return left > 0 ? left + 50 : undefined;
}

function soonest(...waits: readonly (number | undefined)[]): { again?: number } | undefined {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? undefined : { again: Math.min(...known) };
}
