/** Puts a trigger's Deployment where it is to be, and removes those of its Deployments that are elsewhere. */
import type { Kind } from '../api/kinds/kind.ts';
import { messageOf } from '../common/errors.ts';
import type { Applier, ApplyOutcome } from './apply.ts';
import type { DeploymentObject, TriggerObject } from './kube/objects.ts';
import type { LiveReads } from './live-reads.ts';
import { type Place, type PlacementOptions, refuseEnding, refusePlacement } from './placement.ts';
import type { Rendered } from './render/deployment.ts';
import type { ApplyFailure } from './status/observed.ts';
import type { Answer, Finding, Sweeper } from './sweep.ts';
import type { World } from './world.ts';

export interface Subject {
  readonly key: string;
  readonly kind: Kind;
  readonly trigger: TriggerObject;
  readonly rendered: Rendered;
  /** Whether the trigger was ready when it was looked at last. */
  readonly wasReady: boolean;
}

export interface Placer {
  /** Never rejects over an answer of the API server: what is to be tried again is the outcome's `error`. */
  place(subject: Subject): Promise<ApplyOutcome>;
}

export interface PlacerOptions {
  readonly world: Pick<World, 'deploymentsOf' | 'namespace' | 'namespaceUnknown' | 'isWatched'>;
  readonly live: LiveReads;
  readonly applier: Applier;
  readonly sweeper: Sweeper;
  readonly releaseNamespace: string | undefined;
}

/** Milliseconds: the news that a copy lacks wakes the trigger by itself, and so does a namespace that becomes known. */
const LATER = { outdated: 5_000, unknown: 5_000 };

export function createPlacer({ world, live, applier, sweeper, releaseNamespace }: PlacerOptions): Placer {
  function refuse(subject: Subject, known: Pick<PlacementOptions, 'namespace' | 'unknown'>): ApplyFailure | undefined {
    return refusePlacement(placeOf(subject), { ...known, isWatched: world.isWatched, releaseNamespace });
  }

  function heldOf({ key, rendered: { namespace, name } }: Subject): DeploymentObject | undefined {
    return world.deploymentsOf(key).find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  /** Whether the trigger still is this very one, with the spec that was looked at. */
  async function isCurrent({ kind, trigger: { metadata } }: Subject): Promise<boolean> {
    const now = (await live.trigger(kind, metadata.namespace ?? '', metadata.name))?.metadata;
    return now?.uid === metadata.uid && now.generation === metadata.generation && now.deletionTimestamp === undefined;
  }

  async function isRefused(subject: Subject): Promise<Answer> {
    if (!(await isCurrent(subject))) return 'outdated';
    const namespace = await live.namespace(subject.rendered.namespace);
    return refuse(subject, { namespace: () => namespace }) === undefined ? 'passed' : 'holds';
  }

  async function isElsewhere(subject: Subject, applied: DeploymentObject): Promise<Answer> {
    if (!(await isCurrent(subject))) return 'outdated';
    const { namespace, name } = subject.rendered;
    const here = (await live.deployment(namespace, name))?.metadata;
    return here?.uid === applied.metadata.uid && here.deletionTimestamp === undefined ? 'holds' : 'outdated';
  }

  /** What was made while it was allowed goes; what is elsewhere runs on. Undefined: it may be there after all. */
  async function withdraw(subject: Subject, failure: ApplyFailure): Promise<ApplyOutcome | undefined> {
    const { key, rendered } = subject;
    const there = world.deploymentsOf(key).filter(({ metadata }) => metadata.namespace === rendered.namespace);
    const deployment = heldOf(subject);
    if (failure.reason === 'NamespaceUnknown') return { failure, deployment, again: LATER.unknown };
    const why = 'its namespace allows it no longer';
    const finding = await attempt({ key, deployments: there, why, confirm: () => isRefused(subject) });
    if (finding.kind === 'holds') return { failure };
    if (finding.kind === 'passed') return undefined;
    if (finding.kind === 'outdated') return { failure, deployment, again: LATER.outdated };
    if (finding.kind === 'failed') return { failure, deployment, error: finding.error };
    return { failure: unconfirmed(failure, finding.error), deployment, error: finding.error };
  }

  async function removeOthers(subject: Subject, outcome: ApplyOutcome): Promise<ApplyOutcome> {
    const { namespace, name } = subject.rendered;
    const deployments = world
      .deploymentsOf(subject.key)
      .filter(({ metadata }) => metadata.namespace !== namespace || metadata.name !== name);
    const { deployment, failure, error } = outcome;
    const isThere = deployment !== undefined && deployment.metadata.deletionTimestamp === undefined;
    if (!isThere || failure !== undefined || error !== undefined || deployments.length === 0) return outcome;
    const finding = await attempt({
      key: subject.key,
      deployments,
      why: 'the trigger has another one',
      confirm: () => isElsewhere(subject, deployment),
    });
    if (finding.kind === 'holds') return outcome;
    if (finding.kind === 'unknown' || finding.kind === 'failed') return { ...outcome, error: finding.error };
    return { ...outcome, again: Math.min(outcome.again ?? LATER.outdated, LATER.outdated) };
  }

  /** `failed`: the reason holds, but something couldn't be deleted. */
  async function attempt(
    sweep: Parameters<Sweeper['sweep']>[0],
  ): Promise<Finding | { readonly kind: 'failed'; readonly error: unknown }> {
    try {
      return await sweeper.sweep(sweep);
    } catch (error) {
      return { kind: 'failed', error };
    }
  }

  return {
    async place(subject) {
      const { key, rendered, wasReady } = subject;
      const ending = refuseEnding(placeOf(subject), world);
      if (ending !== undefined) return { failure: ending, deployment: heldOf(subject) };
      const failure = refuse(subject, { namespace: world.namespace, unknown: world.namespaceUnknown });
      const refused = failure && (await withdraw(subject, failure));
      if (refused !== undefined) return refused;
      return removeOthers(subject, await applier.apply({ key, rendered, wasReady }));
    },
  };
}

function placeOf({ trigger, rendered }: Subject): Place {
  return { from: trigger.metadata.namespace ?? '', to: rendered.namespace };
}

function unconfirmed({ message }: ApplyFailure, error: unknown): ApplyFailure {
  const doubt = `This can't be confirmed (${messageOf(error)}), so what runs there stays. It is asked again.`;
  return { reason: 'NamespaceUnknown', message: `${message} ${doubt}` };
}
