/** Brings Deployments to what was rendered, by server-side apply, and writes nothing where nothing is to do. */
import { type ApplyVerdict, judgeRefusal } from './apply-failure.ts';
import { type Contest, createContest } from './contest.ts';
import { type KubeClient, KubeError, saysTerminating } from './kube/client.ts';
import type { DeploymentObject, KubeObject } from './kube/objects.ts';
import { createLiveReads, pathOf } from './live-reads.ts';
import type { OwnWrites } from './own-writes.ts';
import { hasMetadata, MANAGED_BY, ownershipOf } from './ownership.ts';
import type { DeploymentManifest, Rendered } from './render/deployment.ts';
import { CAUSE_ANNOTATION, RENDERED_ANNOTATION } from './render/labels.ts';
import type { Rollouts } from './rollouts.ts';
import type { ApplyFailure } from './status/observed.ts';
import { trimDeployment } from './trim.ts';

const FIELD_MANAGER = 'kubeless-triggers';

/** `again`: milliseconds after which it is worth another look, whatever happens. `deployment`: as it is now. */
export interface ApplyOutcome {
  readonly deployment?: DeploymentObject | undefined;
  readonly failure?: ApplyFailure;
  /** Set while the Deployment stays as an older controller made it. */
  readonly outdated?: 'RolloutPending' | 'RolloutPaused';
  /** Another controller looks after this trigger; its name. */
  readonly rival?: string;
  readonly again?: number;
  /** Somebody else keeps writing to fields of ours: who, and to which, as far as the API server tells. */
  readonly contested?: string;
  /** The failure may pass by itself: the key is to be retried with backoff. */
  readonly error?: unknown;
}

export interface Wanted {
  /** `<Kind>/<namespace>/<name>` of the trigger. */
  readonly key: string;
  readonly rendered: Rendered;
  /** Whether the trigger was ready when it was looked at last. */
  readonly wasReady: boolean;
}

export interface Applier {
  /** Never rejects over an answer of the API server. */
  apply(wanted: Wanted): Promise<ApplyOutcome>;
  /** The trigger is gone. */
  forget(key: string): void;
}

export interface ApplierOptions {
  readonly client: Pick<KubeClient, 'request'>;
  /** What the informer holds. */
  readonly held: (namespace: string, name: string) => DeploymentObject | undefined;
  readonly written: OwnWrites<DeploymentObject>;
  readonly rollouts: Rollouts;
  /** This installation, as the annotation has it. */
  readonly managedBy: string;
  readonly onWrite: (result: 'done' | 'failed', what: string) => void;
  /** What somebody else wrote over was applied again. */
  readonly onContested: () => void;
  readonly now?: () => number;
}

interface Memory {
  /** Of the last apply: the Deployment is as applied while it has this generation. */
  applied?: { readonly uid: string; readonly generation: number | undefined; readonly hash: string };
  /** What the server won't take, until something else is rendered or the Deployment is another one. */
  refused?: { readonly hash: string; readonly uid: string | undefined; readonly verdict: ApplyVerdict };
  /** Since when it fails in ways that pass by themselves. */
  failingSince?: number;
  /** Somebody else writes to the same fields. */
  contest?: Contest;
}

/** Milliseconds. */
const LATER = { rival: 60_000, other: 15_000, terminating: 5_000, slowly: 15_000 };
/** A failure that passes by itself is worth a word in the status when it lasts. */
const PASSING = 3_000;
const MOST_HINTS = 3;

export function createApplier(options: ApplierOptions): Applier {
  const { client, held, written, rollouts, managedBy, onWrite, onContested, now = () => performance.now() } = options;
  const live = createLiveReads(client);
  const memories = new Map<string, Memory>();

  async function find({ namespace, name }: Rendered): Promise<DeploymentObject | undefined> {
    const known = written.newest(`${namespace}/${name}`, held(namespace, name));
    if (known !== undefined) return known;
    // One without our label isn't watched, and must not be written over.
    return live.deployment(namespace, name);
  }

  async function apply({ key, rendered, wasReady }: Wanted, memory: Memory): Promise<ApplyOutcome> {
    const existing = await find(rendered);
    const manifest = withManager(rendered.deployment, managedBy);
    if (existing !== undefined) {
      const ownership = ownershipOf(existing, { key, id: rendered.id, managedBy });
      if (ownership.kind === 'terminating') return { deployment: existing, again: LATER.terminating };
      if (ownership.kind !== 'ours') {
        const failure = { reason: 'NotOwned', message: ownership.message } as const;
        if (ownership.kind === 'other') return { failure, again: LATER.other };
        return { failure, rival: ownership.manager, again: LATER.rival };
      }
      if (isInPlace(existing, manifest, memory)) {
        rollouts.settle(key);
        return { deployment: existing };
      }
    }
    const { refused } = memory;
    if (refused?.hash === rendered.hash && refused.uid === existing?.metadata.uid) {
      return { deployment: existing, failure: failureOf(refused.verdict) };
    }
    const outdated = existing && waitsForRollout({ key, rendered, wasReady }, existing);
    if (outdated !== undefined) return { deployment: existing, outdated };
    const contest = contestOf(existing, rendered, memory);
    const wait = contest?.turn() ?? 0;
    if (wait > 0) return { deployment: existing, again: wait };
    const contested = contest?.isFight() ? await contestants(manifest, rendered) : undefined;
    const deployment = await write(manifest, rendered, existing, memory);
    if (contest === undefined) return { deployment };
    // An autoscaler, or somebody who pauses the rollout, writes beside what is ours.
    if (existing !== undefined && isSameAgain(existing, deployment, manifest)) {
      delete memory.contest;
      return { deployment };
    }
    onContested();
    return { deployment, ...(contested !== undefined && { contested }) };
  }

  /** Undefined where it may be applied now. */
  function waitsForRollout({ key, rendered, wasReady }: Wanted, existing: DeploymentObject) {
    const { deployment, hash } = rendered;
    const { annotations = {} } = existing.metadata;
    const isOwnChange =
      annotations[RENDERED_ANNOTATION] !== hash &&
      annotations[CAUSE_ANNOTATION] === deployment.metadata.annotations[CAUSE_ANNOTATION];
    if (!isOwnChange) return undefined;
    const turn = rollouts.begin(key, wasReady);
    if (turn === 'go') return undefined;
    return turn === 'wait' ? ('RolloutPending' as const) : ('RolloutPaused' as const);
  }

  async function write(
    manifest: DeploymentManifest,
    rendered: Rendered,
    existing: DeploymentObject | undefined,
    memory: Memory,
  ): Promise<DeploymentObject> {
    const { namespace, name, hash } = rendered;
    const uid = existing?.metadata.uid;
    // With its uid, nothing else that has the name by now is written to.
    const body = uid === undefined ? manifest : { ...manifest, metadata: { ...manifest.metadata, uid } };
    try {
      const deployment = trimDeployment(await patch(namespace, name, body, { force: 'true' }));
      written.remember(`${namespace}/${name}`, deployment);
      const { uid: appliedUid, generation } = deployment.metadata;
      memory.applied = { uid: appliedUid, generation, hash };
      delete memory.refused;
      onWrite('done', `Deployment ${namespace}/${name}`);
      return deployment;
    } catch (error) {
      if (!saysTerminating(error)) onWrite('failed', `Deployment ${namespace}/${name}`);
      if (error instanceof KubeError) {
        const verdict = judge(error, rendered);
        if (verdict.retry === 'never') memory.refused = { hash, uid, verdict };
      }
      throw error;
    }
  }

  /** Undefined where nobody wrote over what was applied last. */
  function contestOf(existing: DeploymentObject | undefined, { hash }: Rendered, memory: Memory): Contest | undefined {
    const { applied } = memory;
    const isContested = existing !== undefined && applied?.hash === hash && applied.uid === existing.metadata.uid;
    if (isContested) memory.contest ??= createContest(now);
    else delete memory.contest;
    return memory.contest;
  }

  /** The API server names managers and fields where an apply isn't forced; nobody owns what was only taken away. */
  async function contestants(body: DeploymentManifest, { namespace, name }: Rendered): Promise<string> {
    try {
      await patch(namespace, name, body, { dryRun: 'All' });
    } catch (error) {
      if (error instanceof KubeError && error.status === 409) return error.message;
    }
    return `what the controller set in the Deployment ${name} in ${namespace} is changed or taken away`;
  }

  function patch(namespace: string, name: string, body: object, query: Readonly<Record<string, string>>) {
    return client.request<KubeObject>({
      method: 'PATCH',
      path: pathOf(namespace, name),
      query: { fieldManager: FIELD_MANAGER, ...query },
      contentType: 'application/apply-patch+yaml',
      body,
    });
  }

  function failed(error: unknown, { rendered }: Wanted, memory: Memory): ApplyOutcome {
    if (!(error instanceof KubeError)) throw error;
    const existing = held(rendered.namespace, rendered.name);
    const verdict = judge(error, rendered);
    const failure = failureOf(verdict);
    if (verdict.retry === 'never') return { deployment: existing, failure };
    if (verdict.retry === 'slowly') return { deployment: existing, failure, again: LATER.slowly };
    memory.failingSince ??= now();
    const lasts = now() - memory.failingSince >= PASSING;
    return { deployment: existing, error, ...(lasts && { failure }) };
  }

  return {
    async apply(wanted) {
      const memory = memories.get(wanted.key) ?? {};
      memories.set(wanted.key, memory);
      try {
        const outcome = await apply(wanted, memory);
        delete memory.failingSince;
        return outcome;
      } catch (error) {
        return failed(error, wanted, memory);
      }
    },
    forget(key) {
      memories.delete(key);
      rollouts.forget(key);
    },
  };
}

/** As applied last, by the hash and all of its metadata, and not written to by anybody since. */
function isInPlace(existing: DeploymentObject, { metadata }: DeploymentManifest, { applied }: Memory): boolean {
  const { uid, generation } = existing.metadata;
  return applied?.uid === uid && applied.generation === generation && hasMetadata(existing, metadata);
}

/** Whether applying it changed nothing. */
function isSameAgain(
  before: DeploymentObject,
  { metadata: { generation } }: DeploymentObject,
  { metadata }: DeploymentManifest,
): boolean {
  return before.metadata.generation === generation && hasMetadata(before, metadata);
}

function withManager(manifest: DeploymentManifest, managedBy: string): DeploymentManifest {
  const annotations = { ...manifest.metadata.annotations, [MANAGED_BY]: managedBy };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

/** With our own word on names that the server doesn't know, which may say what was meant. */
function judge(error: KubeError, { unknown }: Rendered): ApplyVerdict {
  const verdict = judgeRefusal(error);
  if (verdict.reason !== 'InvalidDeployment') return verdict;
  const hints = unknown.slice(0, MOST_HINTS).map(({ path, message, cure }) => `; ${path} ${message}. ${cure}`);
  return { ...verdict, message: `${verdict.message}${hints.join('')}` };
}

function failureOf({ reason, message }: ApplyVerdict): ApplyFailure {
  return { reason, message };
}
