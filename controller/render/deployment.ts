/** A trigger -> the Deployment of its dispatcher. Pure: the same trigger and options give the same object. */
import { isObject, overlaps } from '../../api/check.ts';
import type { Problem, Trigger } from '../../api/trigger.ts';
import { canonicalJson } from '../../common/canonical-json.ts';
import type { ProxySettings } from '../../common/proxy.ts';
import type { Correction } from './corrections.ts';
import { kindOfImage } from './dispatcher-kind.ts';
import { checkFields, type Findings, MOST_FINDINGS } from './fields.ts';
import {
  CAUSE_ANNOTATION,
  DISPATCHER_ANNOTATION,
  deploymentAnnotations,
  dispatcherLabels,
  podAnnotations,
  RENDERED_ANNOTATION,
  TRIGGER_ID_LABEL,
} from './labels.ts';
import { isRemoved, merge, withoutRemoved } from './merge.ts';
import { deploymentName, digest, triggerId } from './names.ts';
import { type Override, readOverride } from './override.ts';
import { pathsIn } from './places.ts';
import { podSpec, type RenderedPod } from './pod.ts';
import { type Mark, overrideProblems } from './problems.ts';
import { strategyOf } from './strategy.ts';
import { type DispatcherKind, type Fields, TEMPLATES } from './templates.ts';

export interface RenderOptions {
  readonly dispatcherImage: string;
  /** For `TZ`. */
  readonly timezone: string;
  /** Of calls of functions and dead letters; absent: none. Stands in the Deployment: without user info. */
  readonly proxy?: ProxySettings;
}

/** What a user wrote, as far as rendering reads it; `uid` is absent where it isn't in a cluster yet. */
export interface TriggerManifest {
  readonly metadata: {
    readonly uid?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

/** The whole object to apply. */
export interface DeploymentManifest {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'Deployment';
  readonly metadata: Fields & {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Fields;
}

export interface Rendered {
  readonly deployment: DeploymentManifest;
  readonly namespace: string;
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** sha256 of the object's canonical JSON without this annotation of it. */
  readonly hash: string;
  readonly dispatcher: DispatcherKind;
  /** `trigger`: sha256 of what the user's trigger determines. */
  readonly causedBy: { readonly trigger: string };
  /** Defaults of ours that gave way to the override, although it doesn't name them. */
  readonly corrections: readonly Correction[];
  /** What the override names and our version of Kubernetes' API doesn't have; the cluster's may, so only it can judge. */
  readonly unknown: readonly Problem[];
}

export type Rendering = Rendered | { readonly problems: readonly Problem[] };

/** Never throws, whatever the override is. `trigger` was parsed from `object`. */
export function renderDeployment(trigger: Trigger, object: TriggerManifest, options: RenderOptions): Rendering {
  const merged = mergeDeployment(trigger, object, options);
  if ('problems' in merged) return merged;
  const { unsigned, corrections, dispatcher, id, cause } = merged;
  const { mistakes, unknown } = judge(trigger, merged);
  if (mistakes.length > 0) return { problems: [...mistakes, ...unknown] };

  const hash = digest(canonicalJson(unsigned));
  const { name, namespace } = unsigned.metadata;
  const annotations = { ...unsigned.metadata.annotations, [RENDERED_ANNOTATION]: hash };
  const deployment = { ...unsigned, metadata: { ...unsigned.metadata, annotations } };
  return {
    deployment,
    namespace,
    name,
    id,
    hash,
    dispatcher,
    causedBy: { trigger: cause },
    corrections,
    unknown,
  };
}

interface Merged extends Pick<Rendered, 'id' | 'dispatcher' | 'corrections'> {
  /** Without the annotation of its hash. */
  readonly unsigned: DeploymentManifest;
  readonly override: Override;
  readonly mark: Mark;
  readonly pod: RenderedPod['pod'];
  readonly replicas: unknown;
  readonly cause: string;
}

/** What an override makes of our template, whether or not it can run; problems only where nothing can be merged. */
export function mergeDeployment(
  trigger: Trigger,
  object: TriggerManifest,
  options: RenderOptions,
): Merged | { readonly problems: readonly Problem[] } {
  const override = readOverride(trigger.deployment);
  if ('problems' in override) return override;
  const mark = markOf(object, override);
  const dispatcher = mark.kind ?? kindOfImage(written(override.dispatcher.image), options.dispatcherImage);
  const asked = written(override.metadata.namespace);
  const namespace = typeof asked === 'string' ? asked : trigger.namespace;
  const { pod, corrections } = podSpec({
    trigger,
    spec: object.spec,
    override,
    place: namespace,
    dispatcher,
    ...options,
  });
  const replicas = replicasOf({ trigger, object, override, dispatcher });

  const id = triggerId(trigger);
  const name = deploymentName(trigger, namespace);
  const cause = digest(canonicalJson([trigger.kind, trigger.namespace, trigger.name, object.spec, mark.value]));
  const { metadata: podMetadata } = TEMPLATES[dispatcher].deployment.spec.template;
  const unsigned: DeploymentManifest = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace,
      ...withOurs(withoutRemoved(others(override.metadata)), dispatcherLabels(id), {
        ...deploymentAnnotations(trigger, object.metadata.uid, dispatcher),
        [CAUSE_ANNOTATION]: cause,
      }),
      ...(namespace === trigger.namespace && ownerOf(trigger, object.metadata.uid)),
    },
    spec: {
      ...specOf(override, dispatcher),
      ...(replicas !== undefined && { replicas }),
      strategy: strategyOf(withoutRemoved(written(override.spec.strategy)), replicas),
      selector: { matchLabels: { [TRIGGER_ID_LABEL]: id } },
      template: {
        metadata: withOurs(merge(podMetadata, override.podMetadata), dispatcherLabels(id), podAnnotations(trigger)),
        spec: pod,
      },
    },
  };
  return { unsigned, override, mark, dispatcher, pod, corrections, replicas, id, cause };
}

function judge(trigger: Trigger, { unsigned, ...merged }: Merged): Findings {
  const pathOf = pathsIn(trigger.deployment, unsigned);
  const { mistakes, unknown } = checkFields(unsigned, pathOf);
  const problems = overrideProblems(trigger, { ...merged, pathOf }).slice(0, MOST_FINDINGS);
  const others = mistakes.filter(({ path }) => !problems.some((problem) => overlaps(path, problem.path)));
  return { mistakes: [...problems, ...others], unknown };
}

/** The user's word on what the image understands: on the trigger, or on the Deployment that it asks for. */
function markOf({ metadata }: TriggerManifest, { metadata: wanted }: Override): Mark {
  const own = metadata.annotations?.[DISPATCHER_ANNOTATION];
  const theirs = isObject(wanted.annotations) ? written(wanted.annotations[DISPATCHER_ANNOTATION]) : undefined;
  const value = own ?? theirs;
  const path = own === undefined ? 'spec.deployment.metadata.annotations' : 'metadata.annotations';
  return { value, path, ...((value === 'current' || value === 'original') && { kind: value }) };
}

interface ReplicaSources {
  readonly trigger: Trigger;
  readonly object: TriggerManifest;
  readonly override: Override;
  readonly dispatcher: DispatcherKind;
}

/** Undefined where the user didn't say, so that an autoscaler can. Only ours understands that it is paused. */
function replicasOf({ trigger, object, override, dispatcher }: ReplicaSources): unknown {
  if (trigger.paused && dispatcher === 'original') return 0;
  const { replicas } = override.spec;
  if (replicas !== undefined) return written(replicas);
  const scaling = isObject(object.spec) ? object.spec.scaling : undefined;
  return isObject(scaling) ? scaling.replicas : undefined;
}

function written(value: unknown): unknown {
  return isRemoved(value) ? undefined : value;
}

/** What only the controller sets. */
const NOT_THEIRS = ['generateName', 'name', 'namespace'];

function others(metadata: Fields): Fields {
  return Object.fromEntries(Object.entries(metadata).filter(([field]) => !NOT_THEIRS.includes(field)));
}

function specOf(override: Override, dispatcher: DispatcherKind): Fields {
  const { template: _, ...template } = TEMPLATES[dispatcher].deployment.spec;
  const { replicas: _replicas, strategy: _strategy, selector: _selector, ...theirs } = override.spec;
  return merge(template, theirs);
}

/** Labels are the user's to change but for the one that the selector is made of; our annotations are ours. */
function withOurs(metadata: Fields, labels: Texts, annotations: Texts): Fields & { labels: Texts; annotations: Texts } {
  return {
    ...metadata,
    labels: { ...labels, ...textsOf(metadata.labels), ...pick(labels, TRIGGER_ID_LABEL) },
    annotations: { ...textsOf(metadata.annotations), ...annotations },
  };
}

type Texts = Readonly<Record<string, string>>;

/** Values that aren't texts pass: the API server says so best. */
function textsOf(value: unknown): Texts {
  return isObject(value) ? (value as Texts) : {};
}

function pick(texts: Texts, name: string): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([known]) => known === name));
}

function ownerOf({ apiVersion, kind, name }: Trigger, uid: string | undefined): Fields {
  if (uid === undefined) return {};
  return { ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }] };
}
